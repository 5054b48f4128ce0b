#include "aws/auth/canonical_request.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <vector>

namespace tidemark::aws {
namespace {

// Proxies and transports add, change or drop these, so a signature over them may not survive.
constexpr std::array<std::string_view, 12> kUnsignedHeaders = {"authorization",
                                                               "connection",
                                                               "expect",
                                                               "keep-alive",
                                                               "proxy-authenticate",
                                                               "proxy-authorization",
                                                               "te",
                                                               "trailer",
                                                               "transfer-encoding",
                                                               "upgrade",
                                                               "user-agent",
                                                               "x-amzn-trace-id"};

using SortedHeaders = std::map<std::string, std::string>;

bool is_blank(char c) { return c == ' ' || c == '\t'; }

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return out;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// Encoded text in the spelling that services make of it when they decode and encode again. The
// identity on text that net::percent_encode() made. An escaped '/' stays escaped.
Result<std::string> respell(std::string_view encoded, std::string_view kept) {
  std::string out;
  out.reserve(encoded.size());
  for (std::size_t i = 0; i < encoded.size(); ++i) {
    if (encoded[i] != '%') {
      const bool keep = kept.find(encoded[i]) != std::string_view::npos;
      out += keep ? std::string(1, encoded[i]) : net::percent_encode(encoded.substr(i, 1));
      continue;
    }
    const int high = i + 2 < encoded.size() ? hex_digit(encoded[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(encoded[i + 2]) : -1;
    if (low < 0) return Error{ErrorKind::invalid_input, "URL holds a broken % escape"};
    const char byte = static_cast<char>(high * 16 + low);
    out += net::percent_encode({&byte, 1});
    i += 2;
  }
  return out;
}

// RFC 3986, section 5.2.4, and repeated slashes as one: what services other than S3 do.
std::string normalised_path(std::string_view path) {
  std::vector<std::string_view> kept;
  std::string_view rest = path;
  while (!rest.empty()) {
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    const std::string_view segment = rest.substr(0, slash);
    rest.remove_prefix(std::min(slash + 1, rest.size()));
    if (segment == "..") {
      if (!kept.empty()) kept.pop_back();
    } else if (!segment.empty() && segment != ".") {
      kept.push_back(segment);
    }
  }
  std::string out;
  for (const std::string_view segment : kept) out.append("/").append(segment);
  if (out.empty() || path.ends_with('/')) out += '/';
  return out;
}

Result<std::string> canonical_path(std::string_view path, PathRule rule) {
  std::string respelled = TRY(respell(path, "/"));
  if (rule == PathRule::as_sent) return respelled;
  return net::percent_encode_path(normalised_path(path));
}

Result<std::string> canonical_query(std::string_view query) {
  if (query.find('+') != std::string_view::npos) {
    return Error{ErrorKind::invalid_input, "URL holds a raw '+' in its query",
                 "write a space as %20 and a plus as %2B"};
  }
  std::vector<std::pair<std::string, std::string>> parameters;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view parameter = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (parameter.empty()) continue;
    const std::size_t equals = std::min(parameter.find('='), parameter.size());
    std::string name = TRY(respell(parameter.substr(0, equals), {}));
    const std::size_t value_at = std::min(equals + 1, parameter.size());
    parameters.emplace_back(std::move(name), TRY(respell(parameter.substr(value_at), {})));
  }
  std::sort(parameters.begin(), parameters.end());
  std::string out;
  for (const auto& [name, value] : parameters) {
    if (!out.empty()) out += '&';
    out.append(name).append("=").append(value);
  }
  return out;
}

// Trimmed, and runs of blanks as one space.
std::string canonical_value(std::string_view value) {
  std::string out;
  bool blank_before = false;
  for (const char c : value) {
    if (is_blank(c)) {
      blank_before = true;
      continue;
    }
    if (blank_before && !out.empty()) out += ' ';
    blank_before = false;
    out += c;
  }
  return out;
}

SortedHeaders headers_to_sign(const net::Headers& headers) {
  SortedHeaders sorted;
  for (const auto& [name, value] : headers) {
    const std::string key = lower_case(name);
    if (std::find(kUnsignedHeaders.begin(), kUnsignedHeaders.end(), key) !=
        kUnsignedHeaders.end()) {
      continue;
    }
    const auto [at, inserted] = sorted.emplace(key, canonical_value(value));
    if (!inserted) at->second.append(",").append(canonical_value(value));
  }
  return sorted;
}

std::string joined_names(const SortedHeaders& headers) {
  std::string out;
  for (const auto& [name, value] : headers) {
    if (!out.empty()) out += ';';
    out += name;
  }
  return out;
}

// A line break in a header would let its value forge the next one.
Status check_headers(const net::Headers& headers) {
  for (const auto& [name, value] : headers) {
    const auto is_control = [](char c) {
      return (static_cast<std::uint8_t>(c) < 0x20 && c != '\t') || c == 0x7f;
    };
    if (name.empty() || std::any_of(name.begin(), name.end(), [&](char c) {
          return is_control(c) || is_blank(c) || c == ':' || c == ';';
        })) {
      return Error{ErrorKind::invalid_input, "a request header has a malformed name"};
    }
    if (std::any_of(value.begin(), value.end(), is_control)) {
      return Error{ErrorKind::invalid_input, "header " + name + " holds a control byte"};
    }
  }
  return Done{};
}

}  // namespace

Result<CanonicalRequest> canonical_request(std::string_view method, const net::Url& url,
                                           const net::Headers& headers, PathRule path_rule,
                                           std::string_view payload_hash) {
  TRY(check_headers(headers));
  const SortedHeaders sorted = headers_to_sign(headers);
  CanonicalRequest out;
  out.signed_headers = joined_names(sorted);
  out.text.append(method).append("\n");
  out.text.append(TRY(canonical_path(url.path, path_rule))).append("\n");
  out.text.append(TRY(canonical_query(url.query))).append("\n");
  for (const auto& [name, value] : sorted) {
    out.text.append(name).append(":").append(value).append("\n");
  }
  out.text.append("\n").append(out.signed_headers).append("\n").append(payload_hash);
  return out;
}

}  // namespace tidemark::aws
