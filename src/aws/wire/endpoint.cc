#include "aws/wire/endpoint.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "aws/wire/xml.h"
#include "base/remote_text.h"
#include "net/url.h"

namespace tidemark::aws {
namespace {

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool are_lower(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_lower);
}

struct Partition {
  std::string_view region_prefix;
  std::string_view domain;
};

constexpr std::array<Partition, 5> kPartitions{{{"cn-", "amazonaws.com.cn"},
                                                {"us-iso-", "c2s.ic.gov"},
                                                {"us-isob-", "sc2s.sgov.gov"},
                                                {"eusc-", "amazonaws.eu"},
                                                {"", "amazonaws.com"}}};

std::string_view domain_of(std::string_view region) {
  return std::find_if(kPartitions.begin(), kPartitions.end(),
                      [&](const Partition& p) { return region.starts_with(p.region_prefix); })
      ->domain;
}

// Other makers of S3 have regions such as "default" or "garage"; they only stand in signatures.
bool is_foreign_region(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return is_lower(c) || is_digit(c) || c == '-' || c == '_';
  });
}

Error bad_region(std::string_view region) {
  return Error{ErrorKind::invalid_input,
               fmt::format("'{}' is not a region", clean_remote_text(region, 64)),
               "A region looks like eu-west-1."};
}

Result<std::string> checked_override(std::string_view text) {
  const net::Url url = TRY(net::parse_url(text));
  if (!url.query.empty())
    return Error{ErrorKind::invalid_input, "an endpoint url must not have a query"};
  while (text.ends_with('/')) text.remove_suffix(1);
  return std::string(text);
}

}  // namespace

bool is_region(std::string_view text) {
  const std::size_t number = text.rfind('-');
  const std::size_t area = text.find('-');
  if (area == std::string_view::npos || area == number || text.size() > 40) return false;
  const std::string_view digits = text.substr(number + 1);
  if (digits.empty() || digits.size() > 2 || !std::all_of(digits.begin(), digits.end(), is_digit))
    return false;
  if (area < 2 || area > 4) return false;
  std::string_view words = text.substr(0, number);
  for (;;) {
    const std::size_t end = std::min(words.find('-'), words.size());
    if (!are_lower(words.substr(0, end))) return false;
    if (end == words.size()) return true;
    words.remove_prefix(end + 1);
  }
}

Result<std::string> endpoint_of(std::string_view service, std::string_view region,
                                std::string_view override_url) {
  if (!override_url.empty()) {
    if (!is_foreign_region(region)) return bad_region(region);
    return checked_override(override_url);
  }
  if (!is_region(region)) return bad_region(region);
  return fmt::format("https://{}.{}.{}", service, region, domain_of(region));
}

std::optional<std::string> region_hint(const net::HttpResponse& response) {
  if (response.status != 301 && response.status != 307 && response.status != 400)
    return std::nullopt;
  std::string region(net::find_header(response.headers, "x-amz-bucket-region").value_or(""));
  if (region.empty())
    if (const Result<XmlDocument> body = XmlDocument::parse(response.body))
      region = body->root().text("Region");
  if (!is_region(region)) return std::nullopt;
  return region;
}

}  // namespace tidemark::aws
