#include "ops/points.h"

#include <fmt/format.h>

#include "aws/rds/contents_tags.h"
#include "aws/rds/settings_tags.h"
#include "core/snapshot_name.h"
#include "ops/restore_world.h"

namespace tidemark::ops {
namespace {

using aws::rds::Snapshot;
using core::PointState;

constexpr std::size_t kTagsMax = 50;  // API reference, Tag; the service refuses more

std::optional<std::string> tag(const Snapshot& snapshot, std::string_view key) {
  const auto found = snapshot.tags.find(std::string(key));
  if (found == snapshot.tags.end()) return std::nullopt;
  return found->second;
}

// The service's status is a free string. What we do not know is in progress: a deadline, not a
// guess, ends the wait.
PointState state_of(std::string_view status) {
  if (status == "available") return PointState::good;
  if (status == "deleting" || status == "deleted") return PointState::deleting;
  const bool bad =
      status == "failed" || status == "unavailable" || status.starts_with("incompatible-");
  return bad ? PointState::failed : PointState::in_progress;
}

std::optional<TimePoint> time_in_tag(const Snapshot& snapshot, std::string_view key) {
  const auto text = tag(snapshot, key);
  if (!text) return std::nullopt;
  const auto time = parse_time(*text);
  if (!time) return std::nullopt;
  return *time;
}

// Tags of these prefixes are refused, or are ours to write.
bool may_be_copied(const std::string& key) {
  return !key.starts_with("aws:") && !key.starts_with("rds:") && !key.starts_with("tidemark:");
}

// The instance's tags can be longer than all the room there is. They are copied one by one as far
// as they fit; a point without the rest of them is better than none.
Result<core::Tags> settings_tags(core::InstanceSettings settings, std::size_t room) {
  auto tags = aws::rds::encode_settings(settings, room);
  if (tags || tags.error().kind != ErrorKind::exhausted) return tags;
  settings.tags.clear();
  return aws::rds::encode_settings(settings, room);
}

}  // namespace

std::string safety_hold(const std::string& operation) {
  return "taken before the restore " + operation;
}

bool is_safety_of(const Snapshot& snapshot, const std::string& operation) {
  if (snapshot.tags.empty()) return true;
  const auto hold = tag(snapshot, kHoldTag);  // may have been released
  return tag(snapshot, kKindTag) == kSafety && (!hold || *hold == safety_hold(operation));
}

bool is_tagged_final(const Snapshot& snapshot) {
  const auto name = core::parse_snapshot_name(snapshot.id);
  return name && tag(snapshot, kKindTag) == kFinal &&
         tag(snapshot, kPointTag) == format_time(name->slot);
}

Origin origin_of(const Snapshot& snapshot, std::string_view owner) {
  if (snapshot.type != "manual") return Origin::foreign;
  if (core::is_legacy_name(snapshot.id)) return Origin::legacy;
  if (!core::parse_snapshot_name(snapshot.id)) return Origin::foreign;
  const auto tagged = tag(snapshot, kOwnerTag);
  if (!tagged) return Origin::untagged;
  return *tagged == owner ? Origin::ours : Origin::foreign;
}

core::RecoveryPoint to_point(const Snapshot& snapshot, Origin origin, std::string_view source) {
  core::RecoveryPoint point;
  point.id = snapshot.id;
  point.source = source;
  point.created = snapshot.original_created ? snapshot.original_created : snapshot.created;
  point.service_status = snapshot.status;
  point.state = state_of(snapshot.status);
  point.hold = tag(snapshot, kHoldTag);
  point.asked = time_in_tag(snapshot, kAskedTag);
  point.last_transaction = snapshot.database_time;
  // Reprieved, or written by someone else: not condemned.
  point.condemned_at = time_in_tag(snapshot, kCondemnedTag);
  point.apart = snapshot.tags.contains(std::string(kKindTag));
  point.legacy = origin == Origin::legacy;
  if (const auto name = core::parse_snapshot_name(snapshot.id)) point.slot = name->slot;
  if (point.legacy && point.created) point.slot = *point.created;
  if (origin == Origin::untagged && !point.hold)
    point.hold = "it lacks the tag tidemark:owner, so nothing shows that Tidemark made it";
  return point;
}

Result<core::Tags> tags_for_new_point(const aws::rds::Instance& instance, std::string_view owner,
                                      std::string_view source, std::string_view policy,
                                      TimePoint slot, TimePoint now,
                                      const core::ServerContents* contents) {
  core::Tags tags = {{std::string(kOwnerTag), std::string(owner)},
                     {std::string(kSourceTag), std::string(source)},
                     {std::string(kPointTag), format_time(slot)},
                     {std::string(kAskedTag), format_time(now)},
                     {std::string(kPolicyTag), std::string(policy)}};
  // Room stays for a hold, a condemnation and a kind.
  constexpr std::size_t kLater = 3;
  const std::size_t room = kTagsMax - tags.size() - kLater;
  core::Tags settings = TRY(settings_tags(to_seen(instance).own_settings(), room));
  tags.merge(settings);
  if (contents != nullptr) {
    // Worth less than any of the rest: left out where there is no room.
    auto record = aws::rds::encode_contents(*contents, kTagsMax - tags.size() - kLater);
    if (record) tags.merge(*record);
  }
  for (const auto& [key, value] : instance.settings.tags) {
    if (tags.size() + kLater >= kTagsMax) break;
    if (may_be_copied(key)) tags.emplace(key, value);
  }
  return tags;
}

}  // namespace tidemark::ops
