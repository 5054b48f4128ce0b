#include "aws/s3/bucket.h"

#include <algorithm>

#include <fmt/format.h>

#include "aws/wire/endpoint.h"
#include "base/remote_text.h"
#include "net/url.h"

namespace tidemark::aws {
namespace {

constexpr std::size_t kNameBytesMin = 3;
constexpr std::size_t kNameBytesMax = 63;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || is_digit(c); }

bool is_bucket_name(std::string_view name) {
  if (name.size() < kNameBytesMin || name.size() > kNameBytesMax) return false;
  if (!is_letter_or_digit(name.front()) || !is_letter_or_digit(name.back())) return false;
  if (name.find("..") != std::string_view::npos) return false;
  // Digits and dots would be an address, "192.168.5.4".
  if (std::all_of(name.begin(), name.end(), [](char c) { return is_digit(c) || c == '.'; }) &&
      std::count(name.begin(), name.end(), '.') == 3)
    return false;
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return is_letter_or_digit(c) || c == '-' || c == '.'; });
}

}  // namespace

Status check_bucket_name(std::string_view name) {
  if (is_bucket_name(name)) return Done{};
  return Error{ErrorKind::invalid_input,
               fmt::format("'{}' is not the name of a bucket", clean_remote_text(name, 100)),
               "A name has 3 to 63 lower-case letters, digits, '-' and '.'."};
}

Result<std::string> bucket_url(const BucketLocation& location, std::string_view region) {
  TRY(check_bucket_name(location.bucket));
  std::string endpoint = TRY(endpoint_of("s3", region, location.endpoint_url));
  const bool has_dot = location.bucket.find('.') != std::string::npos;
  if (location.path_style.value_or(!location.endpoint_url.empty() || has_dot))
    return fmt::format("{}/{}", endpoint, location.bucket);
  const net::Url url = TRY(net::parse_url(endpoint));
  const std::string_view path = url.path == "/" ? std::string_view() : std::string_view(url.path);
  std::string host_url =
      fmt::format("{}://{}.{}{}", url.scheme, location.bucket, url.authority(), path);
  TRY(net::parse_url(host_url));  // an address cannot have a name before it
  return host_url;
}

}  // namespace tidemark::aws
