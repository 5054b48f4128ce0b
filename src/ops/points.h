// Snapshots as recovery points, and the tags by which we know them again.
// docs/snapshot-tags.md is normative.
#pragma once

#include <optional>
#include <string>

#include "aws/rds/model.h"
#include "core/contents.h"
#include "core/recovery_point.h"

namespace tidemark::ops {

inline constexpr std::string_view kOwnerTag = "tidemark:owner";
inline constexpr std::string_view kSourceTag = "tidemark:source";
inline constexpr std::string_view kPointTag = "tidemark:point";
inline constexpr std::string_view kAskedTag = "tidemark:asked";
inline constexpr std::string_view kPolicyTag = "tidemark:policy";
inline constexpr std::string_view kHoldTag = "tidemark:hold";
// What else a point is: kSafety or kFinal; absent for an ordinary one.
inline constexpr std::string_view kKindTag = "tidemark:kind";
inline constexpr std::string_view kSafety = "safety";  // of an instance that a restore replaces
inline constexpr std::string_view kFinal = "final";    // of an instance that was retired
inline constexpr std::string_view kCondemnedTag = "tidemark:condemned";

// The value of the condemned tag after a reprieve. Taking the tag away would need a permission that
// the marker role does not have, and must not.
inline constexpr std::string_view kReprieved = "reprieved";

// Why the safety snapshot of a restore is held, which also tells whose it is.
std::string safety_hold(const std::string& operation);

// Whether it is the safety snapshot of that restore, by its tags; one that shows none yet may be.
bool is_safety_of(const aws::rds::Snapshot& snapshot, const std::string& operation);

// Whether it bears the tags that a retirement gives to its final snapshot of this name. RDS may
// have copied those of an older one onto it.
bool is_tagged_final(const aws::rds::Snapshot& snapshot);

// Whose snapshot it is.
enum class Origin {
  ours,      // made by this installation: name and owner tag say so
  untagged,  // our name, but no owner tag: it counts and is shown, and is never deleted
  legacy,    // made by the script that Tidemark replaces
  foreign,   // none of our business
};

Origin origin_of(const aws::rds::Snapshot& snapshot, std::string_view owner);

// The point that a snapshot of ours, untagged or legacy is. The source of a legacy snapshot is that
// of its instance, given by the caller.
core::RecoveryPoint to_point(const aws::rds::Snapshot& snapshot, Origin origin,
                             std::string_view source);

// The tags of a new snapshot: ours, the instance settings, what the server holds when that is
// known, then as many of the instance's own as there is room for (50 in all).
Result<core::Tags> tags_for_new_point(const aws::rds::Instance& instance, std::string_view owner,
                                      std::string_view source, std::string_view policy,
                                      TimePoint slot, TimePoint now,
                                      const core::ServerContents* contents = nullptr);

}  // namespace tidemark::ops
