// Cron expressions of five fields, as crontab(5) describes them.
//
//   field          values           also
//   minute         0-59
//   hour           0-23
//   day of month   1-31
//   month          1-12             JAN-DEC
//   day of week    0-7, 0 = Sunday  SUN-SAT, 7 is Sunday too
//
// A field is "*" or a list of values and ranges, each range with an optional step: "0,15", "1-5",
// "*/10", "8-18/2". A range may end on Sunday ("fri-sun"). A day that a month does not have is
// skipped: "0 0 31 * *" runs seven times a year.
//
// When both days are restricted, one that matches is enough: "0 0 13 * fri" runs on every 13th and
// on every Friday. A field that begins with "*" does not count as restricted, "*/2" included; then
// a day has to match both.
#pragma once

#include <bitset>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "schedule/pattern.h"

namespace tidemark::schedule {

using FieldValues = std::bitset<60>;

enum class CronField { minute, hour, day_of_month, month, day_of_week };

// The values that a field names, in lower case. Fails with invalid_input.
Result<FieldValues> parse_cron_field(CronField field, std::string_view text);

// Fails with invalid_input; the message names the field and the text in it.
Result<Pattern> parse_cron(const std::vector<std::string>& fields);

}  // namespace tidemark::schedule
