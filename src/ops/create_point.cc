#include "ops/create_point.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/log.h"

namespace tidemark::ops {
namespace {

using aws::rds::Snapshot;

// RDS uses one code for two things: all manual snapshots of the region, and copies under way.
Error quota_error(Error error, const SurveyedSource& surveyed) {
  error.message = fmt::format("the region's snapshot quota is full, so {} gets no new point: {}",
                              surveyed.source.name, error.message);
  error.hint = fmt::format(
      "{} manual snapshots exist in {}, {} of them of this source; delete those that "
      "nobody needs, or keep fewer (`tidemark retention simulate`)",
      surveyed.region_snapshots, surveyed.source.region, surveyed.snapshots.size());
  return error;
}

// The message tells the two apart.
bool is_full_quota(const Error& error) {
  return error.code == "SnapshotQuotaExceeded" && error.message.find("cop") == std::string::npos &&
         error.message.find("progress") == std::string::npos;
}

Error explained(Error error, const SurveyedSource& surveyed, const std::string& id) {
  if (is_full_quota(error)) return quota_error(std::move(error), surveyed);
  if (error.code == "InvalidDBInstanceState")
    error.hint = fmt::format("instance {} is busy or stopped; try again when it is available",
                             surveyed.source.instance);
  return in_context(fmt::format("cannot create snapshot {}", id), std::move(error));
}

// What already bears the name.
Status adopt(SurveyedSource& surveyed, const std::string& id, const SurveyOptions& options) {
  Snapshot existing = TRY(surveyed.source.service->snapshot(id));
  const bool same = origin_of(existing, options.owner) == Origin::ours &&
                    existing.instance_id == surveyed.source.instance;
  if (!same)
    return Error{ErrorKind::conflict,
                 fmt::format("the name {} is taken by a snapshot of {} that this installation "
                             "(owner {}) did not make",
                             id, existing.instance_id, options.owner),
                 "give each installation in the account its own owner or source names"};
  surveyed.update(std::move(existing));
  return Done{};
}

// A point without the record is better than none: whatever stands in the way is told, and no more.
std::optional<core::ServerContents> read_contents(SurveyedSource& surveyed) {
  if (!surveyed.source.read_contents) return std::nullopt;
  auto contents = surveyed.source.read_contents(*surveyed.instance);
  if (contents) return *std::move(contents);
  surveyed.problems.push_back(
      {core::Severity::warning,
       fmt::format("what the databases of {} hold could not be recorded with the point: {}",
                   surveyed.source.instance, contents.error().message),
       contents.error().hint.empty() ? "see [source.NAME.database] in the configuration"
                                     : contents.error().hint});
  log::warning(surveyed.problems.back().message);
  return std::nullopt;
}

enum class Look { pending, good, bad };

Look judge(const Snapshot& snapshot, const SurveyedSource& surveyed) {
  const auto point = to_point(snapshot, Origin::ours, surveyed.source.name);
  if (point.good()) return Look::good;
  return point.state == core::PointState::in_progress ? Look::pending : Look::bad;
}

// One look at one snapshot; settles it when there is nothing more to wait for.
Status look(Awaited& one, const Wait& wait, Millis elapsed) {
  auto snapshot = one.surveyed->source.service->snapshot(one.snapshot);
  if (!snapshot) {
    const ErrorKind kind = snapshot.error().kind;
    if (kind == ErrorKind::cancelled) return std::move(snapshot).error();
    const bool passing = kind == ErrorKind::unavailable || kind == ErrorKind::timed_out;
    if (!passing)
      one.error = in_context(fmt::format("snapshot {} cannot be looked at", one.snapshot),
                             std::move(snapshot).error());
    if (kind == ErrorKind::not_found) one.surveyed->forget(one.snapshot);
    return Done{};
  }
  if (wait.on_look) wait.on_look(*snapshot, elapsed);
  const Look state = judge(*snapshot, *one.surveyed);
  one.done = state == Look::good;
  if (state == Look::bad)
    one.error = Error{ErrorKind::rejected,
                      fmt::format("snapshot {} ended as '{}'", one.snapshot, snapshot->status),
                      fmt::format("see the events of instance {} in RDS; `tidemark plan {}` says "
                                  "what is next",
                                  one.surveyed->source.instance, one.surveyed->source.name)};
  one.surveyed->update(*std::move(snapshot));
  return Done{};
}

}  // namespace

Status create_point(SurveyedSource& surveyed, const core::NewPoint& point,
                    const SurveyOptions& options, const Clock& clock) {
  CHECK(surveyed.instance.has_value());
  const auto contents = read_contents(surveyed);
  core::Tags tags = TRY(tags_for_new_point(*surveyed.instance, options.owner, surveyed.source.name,
                                           surveyed.source.policy, point.slot, clock.now(),
                                           contents ? &*contents : nullptr));
  tags.insert(point.more_tags.begin(), point.more_tags.end());  // room was left for them
  auto created = surveyed.source.service->create_snapshot(point.id, surveyed.source.instance, tags);
  if (!created && created.error().kind == ErrorKind::already_exists)
    return adopt(surveyed, point.id, options);
  // A call whose reply was lost may have been repeated while its own snapshot keeps the instance
  // busy: so look before calling it a failure.
  if (!created && created.error().kind == ErrorKind::conflict && adopt(surveyed, point.id, options))
    return Done{};
  if (!created) {
    surveyed.quota_refused = is_full_quota(created.error());
    return explained(std::move(created).error(), surveyed, point.id);
  }
  // Not every answer repeats the tags, and they are how we know it again.
  if (created->tags.empty()) created->tags = tags;
  surveyed.update(*std::move(created));
  ++surveyed.region_snapshots;
  return Done{};
}

Status wait_for_points(std::vector<Awaited>& awaited, const Wait& wait, Clock& clock) {
  const Millis begin = clock.steady();
  Millis pause = wait.poll_first;
  for (;;) {
    const Millis elapsed = clock.steady() - begin;
    bool pending = false;
    for (Awaited& one : awaited) {
      if (one.done || one.error) continue;
      TRY(look(one, wait, elapsed));
      pending = pending || (!one.done && !one.error);
    }
    if (!pending) return Done{};
    if (clock.steady() - begin >= wait.deadline) break;
    TRY(clock.sleep(pause));
    pause = std::min(pause * 3 / 2, wait.poll_max);
  }
  for (Awaited& one : awaited)
    if (!one.done && !one.error)
      one.error = Error{
          ErrorKind::timed_out,
          fmt::format("snapshot {} was not available after {}; it may still complete", one.snapshot,
                      format_duration(std::chrono::floor<Seconds>(wait.deadline))),
          "look again with `tidemark status`"};
  return Done{};
}

}  // namespace tidemark::ops
