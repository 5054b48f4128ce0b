#include "net/url.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

#include <arpa/inet.h>
#include <fmt/format.h>

namespace tidemark::net {
namespace {

constexpr std::size_t kUrlBytesMax = 16 << 10;
constexpr std::size_t kHostBytesMax = 253;  // RFC 1035

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

bool is_unreserved(char c) {
  return is_digit(c) || is_lower(c) || is_upper(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (is_upper(c)) c = static_cast<char>(c - 'A' + 'a');
  return result;
}

Error bad_url(std::string_view text, std::string_view why) {
  std::string shown(text.substr(0, std::min<std::size_t>(text.find('?'), 200)));
  for (char& c : shown)
    if (c < 0x20 || c > 0x7e) c = '?';
  // A user name may come with a password.
  if (const std::size_t at = shown.rfind('@'); at != std::string::npos)
    shown = "..." + shown.substr(at);
  return Error{ErrorKind::invalid_input, fmt::format("url '{}' {}", shown, why)};
}

bool is_host_name(std::string_view host) {
  if (host.empty() || host.size() > kHostBytesMax || host.front() == '.') return false;
  if (host.find("..") != std::string_view::npos) return false;
  return std::all_of(host.begin(), host.end(), [](char c) {
    return is_lower(c) || is_digit(c) || c == '-' || c == '.' || c == '_';
  });
}

bool is_ipv6(const std::string& host) {
  in6_addr address;
  return ::inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

std::optional<std::uint16_t> read_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (failure != std::errc{} || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

// Splits "host", "host:port" or "[address]:port" into url; false when it is none of them.
bool read_authority(std::string_view authority, Url& url) {
  std::string_view port;
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    if (end == std::string_view::npos) return false;
    url.host = lower(authority.substr(1, end - 1));
    port = authority.substr(end + 1);
    if (!is_ipv6(url.host)) return false;
  } else {
    const std::size_t colon = std::min(authority.find(':'), authority.size());
    url.host = lower(authority.substr(0, colon));
    port = authority.substr(colon);
    if (!is_host_name(url.host)) return false;
  }
  url.port = url.scheme == "https" ? 443 : 80;
  if (port.empty()) return true;
  if (port.front() != ':') return false;
  const std::optional<std::uint16_t> number = read_port(port.substr(1));
  if (number) url.port = *number;
  return number.has_value();
}

std::string encode(std::string_view text, bool (*stays)(char)) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string result;
  result.reserve(text.size());
  for (const char c : text) {
    if (stays(c)) {
      result += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    result += '%';
    result += kDigits[byte >> 4];
    result += kDigits[byte & 15];
  }
  return result;
}

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string Url::authority() const {
  const std::string shown = host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (port == (scheme == "https" ? 443 : 80)) return shown;
  return fmt::format("{}:{}", shown, port);
}

Result<Url> parse_url(std::string_view text) {
  if (text.size() > kUrlBytesMax) return bad_url(text, "is too long");
  const bool printable =
      std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  if (!printable) return bad_url(text, "has a space, a control byte or a byte that is not ASCII");
  if (text.find_first_of("#\\") != std::string_view::npos)
    return bad_url(text, "has a '#' or a backslash");

  Url url;
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos) return bad_url(text, "does not begin with https://");
  url.scheme = lower(text.substr(0, colon));
  if (url.scheme != "https" && url.scheme != "http")
    return bad_url(text, "is neither https nor http");

  const std::string_view rest = text.substr(colon + 3);
  const std::size_t authority_end = std::min(rest.find_first_of("/?"), rest.size());
  const std::string_view authority = rest.substr(0, authority_end);
  if (authority.find('@') != std::string_view::npos) return bad_url(text, "has a user name");
  if (!read_authority(authority, url)) return bad_url(text, "has no valid host and port");

  const std::string_view target = rest.substr(authority_end);
  const std::size_t mark = std::min(target.find('?'), target.size());
  url.path = mark == 0 ? "/" : std::string(target.substr(0, mark));
  if (mark < target.size()) url.query = target.substr(mark + 1);
  return url;
}

bool is_loopback(std::string_view host) {
  const std::string text(host);
  in_addr v4;
  if (::inet_pton(AF_INET, text.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6;
  if (::inet_pton(AF_INET6, text.c_str(), &v6) == 1) return IN6_IS_ADDR_LOOPBACK(&v6) != 0;
  return host == "localhost";
}

std::string percent_encode(std::string_view text) { return encode(text, is_unreserved); }

std::string percent_encode_path(std::string_view path) {
  return encode(path, [](char c) { return is_unreserved(c) || c == '/'; });
}

Result<std::string> percent_decode(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      result += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
    if (high < 0 || low < 0)
      return Error{ErrorKind::invalid_input, "text has a '%' without two hexadecimal digits"};
    result += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return result;
}

std::string form_encode(const Fields& fields) {
  std::string result;
  for (const auto& [name, value] : fields) {
    if (!result.empty()) result += '&';
    result += percent_encode(name);
    result += '=';
    result += percent_encode(value);
  }
  return result;
}

}  // namespace tidemark::net
