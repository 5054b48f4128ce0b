// What `doctor` says: one thing that is not as it should be, what it means for recovery, and the
// command that mends it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tidemark::doctor {

// In the order of the report.
enum class Severity : std::uint8_t {
  critical,  // endangers recovery as it is now
  warning,   // will hurt one day, or once somebody is hostile
  unknown,   // could not be looked at: nothing is known, good or bad
  note,      // worth knowing
};

std::string_view severity_name(Severity severity);

struct Finding {
  Severity severity = Severity::note;
  std::string check;   // stable: "bucket-versioning"
  std::string object;  // "bucket acme-files", "instance orders-prod"
  std::string what;    // what is so
  std::string means;   // what that means for recovery
  std::string fix;     // a command, or a sentence where there is none

  bool operator==(const Finding&) const = default;
};

// The finding that a thing could not be looked at.
Finding not_known(std::string check, std::string object, const Error& error);

// Worst first; among equals in the order of check and object.
void sort_findings(std::vector<Finding>& findings);

bool endangers_recovery(const std::vector<Finding>& findings);

// Those of `now` that `before` had not, and the other way round; a finding is the same when its
// check, object and severity are.
struct Change {
  std::vector<Finding> appeared;
  std::vector<Finding> gone;
};
Change compare(const std::vector<Finding>& before, const std::vector<Finding>& now);

}  // namespace tidemark::doctor
