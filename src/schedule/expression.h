// The text of a schedule: a cron expression of five fields, or words.
//
//   hourly [:MM]                     every hour, at minute 0 unless given
//   daily [HH:MM]                    at 00:00 unless given, as below
//   weekly [DAYS] [HH:MM]            on Monday unless given; DAYS as in cron: sun, mon-fri, 1,4
//   monthly [DAY|last] [HH:MM]       on the 1st unless given
//   quarterly [DAY|last] [HH:MM]     of January, April, July and October; "last" is the last day
//                                    of the quarter, in March, June, September and December
//   yearly [MONTH [DAY|last]] [HH:MM]  on 1 January unless given; "annually" is the same
//   every LENGTH                     from local midnight: every 6h, every 15m. It must divide a day
//
// A word may have a leading "@". Case does not matter. "weekly" is Monday with and without the "@",
// as in systemd; cron's own "@weekly" is Sunday. In these forms a DAY that a month does not have is
// the last day of that month, while in cron it is skipped. For cron see schedule/cron.h.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "schedule/pattern.h"

namespace tidemark::schedule {

// Fails with invalid_input, naming the bad part and giving a valid example.
Result<Pattern> parse_expression(std::string_view text);

}  // namespace tidemark::schedule
