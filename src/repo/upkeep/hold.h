// Holds: archives that stay, whatever a policy, a mark or a prune says.
//
// docs/repository-format.md#holds is normative. A hold is an object of its own, so making one needs
// no right to delete, and taking it away does.
#pragma once

#include <string>
#include <vector>

#include "repo/access.h"

namespace tidemark::repo {

inline constexpr std::size_t kHoldReasonBytesMax = 200;

struct Hold {
  TimePoint moment;  // by the clock of who made it
  ObjectName archive;
  std::string reason;

  friend bool operator==(const Hold&, const Hold&) = default;
};

Bytes encode_hold(const Hold& hold);
Result<Hold> decode_hold(ByteView payload);

struct StoredHold {
  ObjectName name;
  Hold hold;
};

// All holds, those from before a re-key too. Fails when one cannot be read: what it keeps is
// unknown.
Result<std::vector<StoredHold>> read_holds(const Access& access);

// Fails with not_found when there is no such archive, and with locked when a prune is at work that
// may have looked before: the hold stands, and whether it came in time shows when that has ended.
Status hold_archive(const Access& access, const ObjectName& archive, const std::string& reason);

// Takes every hold of the archive away. What a prune had marked is an ordinary archive again, and
// has the whole grace period when it is marked anew. Fails with not_found when there is no hold,
// and with locked, the holds in place, when a prune is at work.
Status release_archive(const Access& access, const ObjectName& archive);

}  // namespace tidemark::repo
