// A restore that an earlier run left open, and what this run was asked for.
#include "core/restore_resume.h"

#include <fmt/format.h>

#include "ops/restore_draft.h"

namespace tidemark::ops {
namespace {

using core::Resumption;
using core::SeenInstance;

bool is_renamed(const RestoreDraft& draft) {
  const std::optional<SeenInstance>& replaced = draft.facts.replaced;
  if (draft.open->role != core::RestoreRole::replaced || !replaced) return true;
  return replaced->id != draft.goal.identifier || replaced->status == "renaming" ||
         replaced->pending.contains("identifier");
}

bool is_lost(const RestoreDraft& draft) {
  if (core::time_of_origin(draft.open->origin)) return false;
  const auto found = draft.surveyed.snapshots.find(draft.open->origin);
  return found == draft.surveyed.snapshots.end() || found->second.status == "failed" ||
         found->second.status == "deleting";
}

std::string begun_text(const RestoreDraft& draft) {
  const TimePoint began = *core::operation_began(draft.open->operation);
  return fmt::format("{} ago, at {}",
                     format_duration(std::chrono::floor<Seconds>(draft.now - began)),
                     format_time(began));
}

// The instance that was to give way is what it was but for a tag, which the new mark replaces.
void begin_anew(RestoreDraft& draft) {
  draft.problem(core::Severity::note,
                fmt::format("the restore from {} that was begun {} had renamed nothing yet: this "
                            "one is begun in its place",
                            draft.open->origin, begun_text(draft)));
  draft.open.reset();
  draft.plan.resumed = false;
  draft.facts.replaced.reset();
  draft.goal.operation = new_operation(draft.world, draft.now);
}

Error refusal(const RestoreDraft& draft) {
  const std::string& name = draft.source.name;
  const std::string same =
      draft.request.as ? fmt::format("{} --as {}", name, *draft.request.as) : name;
  return Error{
      ErrorKind::conflict,
      fmt::format("a restore of {} from {} with the settings '{}' was begun {} and has "
                  "gone too far to change that",
                  draft.goal.identifier, draft.open->origin,
                  core::choice_name(draft.open->settings), begun_text(draft)),
      draft.goal.in_place
          ? fmt::format("go on with it: `tidemark restore {}`; or take it back: `tidemark "
                        "restore rollback {}`",
                        same, name)
          : fmt::format("go on with it: `tidemark restore {}`; or choose another name", same)};
}

core::RestoreOptions options_of(const RestoreRequest& request) {
  return {.no_checks = !request.run_checks,
          .no_hook = request.no_hook,
          .no_safety_snapshot = !request.safety_snapshot,
          .warm_up = request.warm_up,
          .password = request.set_password,
          .newest = request.newest || request.to_latest ||
                    !(request.point || request.at || request.to_time),
          .files = request.files,
          .instance_class = request.instance_class.value_or(""),
          .parameter_group = request.parameter_group.value_or(""),
          .upgrade_to = request.upgrade_to.value_or(""),
          .zone = request.zone.value_or("")};
}

std::optional<std::string> if_given(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

}  // namespace

Status settle_with_open(RestoreDraft& draft, const std::optional<std::string>& named) {
  const core::OpenRestore open{
      .mark = *draft.open, .renamed = is_renamed(draft), .origin_lost = is_lost(draft)};
  const core::AskedAnew asked{.origin = named,
                              .newest = draft.request.newest || draft.request.to_latest,
                              .settings = draft.request.settings};
  switch (core::resumption(open, asked)) {
    case Resumption::refuse: return refusal(draft);
    case Resumption::begin_anew: begin_anew(draft); return Done{};
    case Resumption::go_on: break;
  }
  draft.plan.resumed_text = begun_text(draft);
  const bool other = named && open.origin_lost && open.mark.role == core::RestoreRole::replaced;
  draft.goal.origin = other ? *named : draft.open->origin;
  return Done{};
}

Status remember_options(RestoreDraft& draft) {
  RestoreRequest& request = draft.request;
  core::RestoreOptions options = options_of(request);
  if (draft.open) {
    const std::string lost = core::lost_option(*draft.open, options);
    if (!lost.empty())
      return Error{ErrorKind::invalid_input,
                   fmt::format("the restore of {} was begun with {}, which is not kept anywhere",
                               draft.goal.identifier, lost.substr(0, lost.find(' '))),
                   fmt::format("run the same command again with {}", lost)};
    options = core::merged_options(draft.open->options, std::move(options));
  }
  options.files = options.files && !request.no_files;
  draft.goal.bring_files = options.files;
  request.run_checks = !options.no_checks;
  request.run_hook = request.run_hook && !options.no_hook;
  request.safety_snapshot = !options.no_safety_snapshot;
  request.instance_class = if_given(options.instance_class);
  request.zone = if_given(options.zone);
  request.parameter_group = if_given(options.parameter_group);
  request.upgrade_to = if_given(options.upgrade_to);
  draft.goal.run_checks = request.run_checks;
  draft.goal.run_hook = request.run_hook;
  draft.goal.warm_up = options.warm_up;
  // Of a password that was set already, nothing is left to do.
  draft.goal.set_password = request.set_password;
  draft.goal.options = core::keepable(std::move(options));
  return Done{};
}

}  // namespace tidemark::ops
