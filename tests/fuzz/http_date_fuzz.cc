// parse_http_date and the headers that carry it.
#include <cstdint>

#include "aws/wire/retry_after.h"
#include "base/time.h"

using namespace tidemark;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (const auto time = parse_http_date(text)) {
    const auto again = parse_time(format_time(*time));
    CHECK(again && *again == *time);
  }
  const TimePoint now = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22);
  if (const auto wait = aws::retry_after_of({{"Retry-After", text}}, now))
    CHECK(*wait >= Millis::zero());
  return 0;
}
