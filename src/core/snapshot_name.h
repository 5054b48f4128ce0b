// The names of our snapshots, which are also the key that makes creating them idempotent:
//
//   tidemark-<yyyymm>-<source>-<yyyymmdd>t<hhmm>z[-r<attempt>]
//
// Date and time are the slot's, in UTC, so a lost reply, a crash or a second daemon meets the same
// name. The month stands first so that an IAM policy can protect months by prefix. A further
// attempt, after the service failed the first, adds its number from 2 on.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace tidemark::core {

inline constexpr int kAttemptsMax = 9;

struct SnapshotName {
  std::string source;
  TimePoint slot;   // whole minutes
  int attempt = 1;  // 1 to kAttemptsMax

  std::string text() const;
  bool operator==(const SnapshotName&) const = default;
};

// A name for a snapshot of no slot, of that minute or, when all its names are taken, of the nearest
// one before that has a free one: a date to come would make it look newer than it is.
std::string free_snapshot_name(const std::string& source, TimePoint moment,
                               const std::function<bool(const std::string&)>& is_taken);

// nullopt when the text is not a name of ours.
std::optional<SnapshotName> parse_snapshot_name(std::string_view text);

// A source's name: 1 to 63 of a-z, 0-9 and single inner hyphens, a letter first; fit for an RDS
// identifier (API reference, CreateDBSnapshot). Fails with invalid_input, saying what is wrong.
Status check_source_name(std::string_view name);

// Whether the text is a name of the script that Tidemark replaces: WeeklyBackup-YYYY-MM-DD, in any
// case since the service lowers it.
bool is_legacy_name(std::string_view text);

}  // namespace tidemark::core
