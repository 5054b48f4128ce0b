// TimeZone: local time of a place, by its IANA name. The only user of the date library.
//
// Rules come from the machine's tzdata, read once a process: a newer tzdata counts after a restart.
// The compiled files end in 2037, and from then on a zone keeps the offset that it has there. UTC
// needs no files.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "core/calendar.h"

namespace date {
class time_zone;
}

namespace tidemark::schedule {

using LocalTime = core::LocalTime;

// Which moments a local time names.
struct LocalReading {
  enum class Kind {
    unique,
    nonexistent,  // clocks skip it
    ambiguous,    // clocks show it twice
  };

  Kind kind;
  TimePoint first;   // nonexistent: the first moment after the gap
  TimePoint second;  // ambiguous: the later moment; otherwise equal to first
};

// Cheap to copy. Thread-safe.
class TimeZone final : public core::LocalCalendar {
 public:
  static TimeZone utc();
  // Fails with invalid_input when there is no such zone, and with unsupported when the machine has
  // no time zone database.
  static Result<TimeZone> find(std::string_view name);

  const std::string& name() const { return name_; }

  Seconds utc_offset(TimePoint moment) const override;
  LocalTime to_local(TimePoint moment) const { return core::to_local(*this, moment); }
  LocalReading to_utc(LocalTime time) const;

  // The most that clocks go back at once between these moments; zero when they never do.
  Seconds overlap_max(TimePoint from, TimePoint to) const;

 private:
  TimeZone(std::string name, const date::time_zone* zone) : name_(std::move(name)), zone_(zone) {}

  std::string name_;
  const date::time_zone* zone_;  // null means UTC; the database lives as long as the process
};

}  // namespace tidemark::schedule
