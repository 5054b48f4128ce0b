// A schedule in plain English.
#pragma once

#include <string>
#include <string_view>

#include "schedule/pattern.h"

namespace tidemark::schedule {

// "every day at 02:30 Europe/Berlin"; says what happens in months without the day, if any.
std::string describe_pattern(const Pattern& pattern, std::string_view zone_name);

}  // namespace tidemark::schedule
