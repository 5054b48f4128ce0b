#include "ops/thin.h"

#include <set>

#include <fmt/format.h>

namespace tidemark::ops {
namespace {

using aws::rds::Snapshot;
using core::Act;
using core::Outcome;
using core::Verdict;

std::optional<Act> act_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::condemn: return Act::condemn;
    case Outcome::reprieve: return Act::reprieve;
    case Outcome::remove: return Act::remove;
    case Outcome::keep:
    case Outcome::wait:
    case Outcome::ignore: return std::nullopt;
  }
  return std::nullopt;
}

Status mark(SurveyedSource& surveyed, Snapshot snapshot, const std::string& value) {
  const core::Tags tags = {{std::string(kCondemnedTag), value}};
  TRY(surveyed.source.service->add_tags(snapshot.arn, tags));
  snapshot.tags[std::string(kCondemnedTag)] = value;
  surveyed.update(std::move(snapshot));
  return Done{};
}

bool is_gone(const Result<Snapshot>& current) {
  return current ? current->status == "deleting" : current.error().kind == ErrorKind::not_found;
}

// A deletion that is refused because it was done already, by an attempt whose answer was lost or by
// another pass, is what was asked for.
Status delete_once(aws::rds::RdsClient& service, const std::string& id) {
  Status deleted = service.delete_snapshot(id);
  if (deleted) return deleted;
  // Whoever may delete by the tags alone is refused what has none any more: that, too, is how a
  // second try is answered when only the reply of the first was lost.
  const ErrorKind kind = deleted.error().kind;
  const bool maybe_done =
      kind == ErrorKind::not_found || kind == ErrorKind::conflict || kind == ErrorKind::denied;
  if (maybe_done && is_gone(service.snapshot(id))) return Done{};
  return deleted;
}

// The plan was made from a listing; between then and now someone may have held it, say.
Status remove(SurveyedSource& surveyed, const Snapshot& planned, const SurveyOptions& options) {
  auto current = surveyed.source.service->snapshot(planned.id);
  if (is_gone(current)) {  // another pass was faster
    surveyed.forget(planned.id);
    return Done{};
  }
  if (!current) return std::move(current).error();
  const Origin origin = origin_of(*current, options.owner);
  const bool same = origin == origin_of(planned, options.owner) && origin != Origin::untagged &&
                    current->arn == planned.arn && current->tags == planned.tags &&
                    current->original_created == planned.original_created &&
                    current->status == planned.status;
  if (!same) {
    surveyed.update(*std::move(current));
    return Error{
        ErrorKind::unsafe,
        fmt::format("snapshot {} changed since the plan was made, so it stays", planned.id),
        "the next pass plans again"};
  }
  TRY(delete_once(*surveyed.source.service, planned.id));
  surveyed.forget(planned.id);
  --surveyed.region_snapshots;
  return Done{};
}

Status apply(Act act, SurveyedSource& surveyed, const Snapshot& snapshot,
             const SurveyOptions& options, const Clock& clock) {
  if (act == Act::condemn) return mark(surveyed, snapshot, format_time(clock.now()));
  if (act == Act::reprieve) return mark(surveyed, snapshot, std::string(kReprieved));
  return remove(surveyed, snapshot, options);
}

}  // namespace

Result<std::vector<core::Event>> apply_verdicts(SurveyedSource& surveyed,
                                                const core::SourcePlan& plan,
                                                const SurveyOptions& options, const Clock& clock) {
  std::vector<core::Event> events;
  std::set<Act> denied;
  std::optional<Status>
      restores_known;  // as of now; asked once, and only when something is removed
  for (const Verdict& verdict : plan.verdicts) {
    const auto act = act_of(verdict.outcome);
    const auto found = surveyed.snapshots.find(verdict.id);
    if (!act || denied.contains(*act) || found == surveyed.snapshots.end()) continue;
    const Snapshot snapshot = found->second;
    core::Event event{.act = *act, .snapshot = verdict.id};
    if (*act == Act::remove && !restores_known) restores_known = look_for_open_restore(surveyed);
    // The report's plan, made of what is known at the end, says why it stays.
    if (*act == Act::remove && *restores_known && !needed_by_restore(surveyed, snapshot.id).empty())
      continue;
    Status applied = *act == Act::remove && !*restores_known
                         ? *restores_known
                         : apply(*act, surveyed, snapshot, options, clock);
    if (!applied) {
      if (applied.error().kind == ErrorKind::cancelled) return std::move(applied).error();
      if (applied.error().kind == ErrorKind::denied) denied.insert(*act);
      event.error = in_context(fmt::format("cannot {} {}", core::act_name(*act), verdict.id),
                               std::move(applied).error());
    }
    events.push_back(std::move(event));
  }
  return events;
}

}  // namespace tidemark::ops
