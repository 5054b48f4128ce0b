// Schedule: no expression hurts the parser, and what it accepts has slots in order.
#include <cstdint>

#include "core/snapshot_name.h"
#include "schedule/schedule.h"

using namespace tidemark;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  discard(parse_duration(text), "only that it returns is tested");
  discard(parse_time(text), "only that it returns is tested");
  if (const auto name = core::parse_snapshot_name(text)) CHECK(name->text() == text);
  const auto schedule = schedule::Schedule::parse(text, schedule::TimeZone::utc());
  if (!schedule) return 0;
  const TimePoint now{Seconds(1'795'000'000)};
  const auto latest = schedule->latest_slot(now);
  const auto next = schedule->next_slot(now);
  CHECK(!latest || *latest <= now);
  CHECK(!next || *next > now);
  return 0;
}
