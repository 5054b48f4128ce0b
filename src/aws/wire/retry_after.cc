#include "aws/wire/retry_after.h"

#include <algorithm>
#include <charconv>

namespace tidemark::aws {

std::optional<Millis> retry_after_of(const net::Headers& headers, TimePoint now) {
  const auto value = net::find_header(headers, "Retry-After");
  if (!value) return std::nullopt;
  std::uint32_t seconds = 0;
  const auto [end, failure] =
      std::from_chars(value->data(), value->data() + value->size(), seconds);
  if (failure == std::errc{} && end == value->data() + value->size()) return Seconds{seconds};
  const Result<TimePoint> date = parse_http_date(*value);
  if (!date) return std::nullopt;
  return std::max(*date - now, Millis::zero());
}

}  // namespace tidemark::aws
