#include "aws/auth/url_parts.h"

#include <algorithm>
#include <cstdint>

namespace tidemark::aws {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_unreserved(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

std::string encode_except(std::string_view bytes, std::string_view kept) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  out.reserve(bytes.size() + 16);
  for (const char c : bytes) {
    if (is_unreserved(c) || kept.find(c) != std::string_view::npos) {
      out += c;
    } else {
      const auto byte = static_cast<std::uint8_t>(c);
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
  return out;
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

Error bad_url(std::string_view fault) {
  return Error{ErrorKind::invalid_input, "URL " + std::string(fault)};
}

// host, host:port, [v6] or [v6]:port.
Status split_authority(std::string_view authority, UrlParts& parts) {
  if (authority.find('@') != std::string_view::npos) return bad_url("carries a user name");
  std::size_t host_end = authority.find(':');
  if (authority.starts_with('[')) {
    const std::size_t bracket = authority.find(']');
    if (bracket == std::string_view::npos) return bad_url("has an unclosed '[' in its host");
    host_end = bracket + 1 == authority.size() ? std::string_view::npos : bracket + 1;
    if (host_end != std::string_view::npos && authority[host_end] != ':') {
      return bad_url("has a malformed host");
    }
  }
  parts.host = lower_case(authority.substr(0, host_end));
  if (parts.host.empty()) return bad_url("has no host");
  if (host_end != std::string_view::npos) parts.port = authority.substr(host_end + 1);
  if (parts.port.size() > 5 || !std::all_of(parts.port.begin(), parts.port.end(), is_digit)) {
    return bad_url("has a malformed port");
  }
  return Done{};
}

}  // namespace

Result<UrlParts> split_url(std::string_view url) {
  const auto is_control = [](char c) { return static_cast<std::uint8_t>(c) < 0x20 || c == 0x7f; };
  if (std::any_of(url.begin(), url.end(), is_control)) return bad_url("holds a control byte");
  if (url.find('#') != std::string_view::npos) return bad_url("has a fragment");
  const std::size_t scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) return bad_url("is not absolute");

  UrlParts parts;
  parts.scheme = lower_case(url.substr(0, scheme_end));
  if (parts.scheme != "http" && parts.scheme != "https") return bad_url("is not http or https");
  std::string_view rest = url.substr(scheme_end + 3);
  const std::size_t authority_end = std::min(rest.find_first_of("/?"), rest.size());
  TRY(split_authority(rest.substr(0, authority_end), parts));
  rest.remove_prefix(authority_end);
  const std::size_t question = std::min(rest.find('?'), rest.size());
  parts.path = rest.substr(0, question);
  if (question != rest.size()) parts.query = rest.substr(question + 1);
  return parts;
}

std::string host_header(const UrlParts& url) {
  const bool is_default = url.port.empty() || (url.scheme == "http" && url.port == "80") ||
                          (url.scheme == "https" && url.port == "443");
  return is_default ? url.host : url.host + ":" + url.port;
}

std::string percent_encode(std::string_view bytes) { return encode_except(bytes, {}); }

std::string percent_encode_path(std::string_view bytes) { return encode_except(bytes, "/"); }

}  // namespace tidemark::aws
