#include "repo/upkeep/hold.h"

#include <algorithm>

#include <fmt/format.h>

#include "repo/field_reader.h"
#include "repo/lock/lease.h"
#include "repo/manifest/history.h"
#include "repo/upkeep/mark.h"

namespace tidemark::repo {
namespace {

constexpr std::size_t kHoldBytesMax = 4096;

Status require_archive(const Access& access, const ObjectName& archive) {
  if (TRY(read_history(access)).archives.contains(archive)) return Done{};
  return Error{ErrorKind::not_found,
               fmt::format("there is no {}", shown(ObjectType::manifest, archive)),
               "`tidemark archives` lists them"};
}

// A pruner takes its lease and then reads holds; who holds puts the hold and then reads leases. One
// of them sees the other.
Status no_pruner_at_work(const Access& access, TimePoint store_now) {
  for (const LeaseFacts& lease : TRY(read_leases(access)))
    if (lease.kind == LeaseKind::pruner && !over(lease, store_now))
      return Error{ErrorKind::locked,
                   fmt::format("a prune is at work that may not have seen it: {}, since {}",
                               lease.owner, format_time(lease.begun)),
                   "do it again when that has ended; then it is sure"};
  return Done{};
}

// The rest of the mark, as one that was made now. Nothing when there is no rest.
Result<std::optional<ObjectName>> mark_anew(const Access& access, Mark mark,
                                            const ObjectName& without) {
  std::erase(mark.manifests, without);
  mark.moment = access.clock.now();
  if (mark.manifests.empty() && mark.packs.empty()) return std::optional<ObjectName>();
  return std::optional(TRY(access.put(ObjectType::mark, encode_mark(mark))));
}

// Takes the archive out of every mark, while it is still held. A prune that read a mark before it
// went has its lease by then; one that begins later does not see it.
Status pardon(const Access& access, const ObjectName& archive) {
  TimePoint store_now;
  std::vector<ObjectName> outdated;
  for (const StoredMark& mark : TRY(read_marks(access))) {
    const auto& named = mark.mark.manifests;
    if (std::find(named.begin(), named.end(), archive) == named.end()) continue;
    const auto rest = TRY(mark_anew(access, mark.mark, archive));
    if (rest)
      store_now =
          std::max(store_now, TRY(access.store.stat(key_of(ObjectType::mark, *rest))).modified);
    outdated.push_back(mark.name);
  }
  for (const ObjectName& name : outdated) TRY(access.store.remove(key_of(ObjectType::mark, name)));
  return outdated.empty() ? Status(Done{}) : no_pruner_at_work(access, store_now);
}

}  // namespace

Bytes encode_hold(const Hold& hold) {
  Bytes payload;
  put_le(payload, hold.moment.time_since_epoch().count());
  payload += hold.archive.view();
  put_text(payload, hold.reason);
  return payload;
}

Result<Hold> decode_hold(ByteView payload) {
  FieldReader reader(payload);
  Hold hold;
  hold.moment = TimePoint(Millis(reader.integer<std::int64_t>()));
  const ByteView archive = reader.bytes(ObjectName::kBytes);
  if (reader.good()) hold.archive = ObjectName::from(archive);
  hold.reason = std::string(reader.text(kHoldReasonBytesMax));
  if (!reader.at_end()) return Error{ErrorKind::corrupt, "the hold is not well formed"};
  return hold;
}

Result<std::vector<StoredHold>> read_holds(const Access& access) {
  std::vector<StoredHold> holds;
  for (const ObjectName& name : TRY(names_of(access.store, ObjectType::hold))) {
    const auto payload = access.open(ObjectType::hold, name, kHoldBytesMax);
    // Released beside us.
    if (!payload && payload.error().kind == ErrorKind::not_found) continue;
    if (!payload) return payload.error();
    if (!*payload) continue;
    Result<Hold> hold = decode_hold(**payload);
    if (!hold) return in_context(shown(ObjectType::hold, name), std::move(hold).error());
    holds.push_back({name, *std::move(hold)});
  }
  return holds;
}

Status hold_archive(const Access& access, const ObjectName& archive, const std::string& reason) {
  if (reason.size() > kHoldReasonBytesMax)
    return Error{ErrorKind::invalid_input,
                 fmt::format("the reason is longer than {} bytes", kHoldReasonBytesMax)};
  TRY(require_archive(access, archive));
  const Hold hold{.moment = access.clock.now(), .archive = archive, .reason = reason};
  const ObjectName name = TRY(access.put(ObjectType::hold, encode_hold(hold)));
  const auto info = TRY(access.store.stat(key_of(ObjectType::hold, name)));
  TRY(no_pruner_at_work(access, info.modified));
  return require_archive(access, archive);
}

Status release_archive(const Access& access, const ObjectName& archive) {
  std::vector<ObjectName> holds;
  for (const StoredHold& hold : TRY(read_holds(access)))
    if (hold.hold.archive == archive) holds.push_back(hold.name);
  if (holds.empty())
    return Error{ErrorKind::not_found,
                 fmt::format("archive {} is not held", archive.hex().substr(0, 12))};
  TRY(pardon(access, archive));
  for (const ObjectName& name : holds) TRY(access.store.remove(key_of(ObjectType::hold, name)));
  return Done{};
}

}  // namespace tidemark::repo
