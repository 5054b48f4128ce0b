// `tidemark restore status`: where restores stand.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/session.h"
#include "ops/restore_lease.h"
#include "ops/restore_world.h"
#include "report/json.h"
#include "report/restore_text.h"

namespace tidemark::cli {
namespace {

using core::RestoreMark;
using core::RestorePhase;
using core::RestoreRole;
using core::SeenInstance;

std::string runner_text(const SeenInstance& instance) {
  const auto lease = ops::read_lease(instance.settings.tags);
  return lease ? fmt::format("; last at it: {} at {}", lease->holder, format_time(lease->renewed))
               : "";
}

// beside: the restore is under another name than the source's instance, with --as.
std::string next_command(const SeenInstance& instance, const std::string& source, bool beside) {
  const RestoreMark mark = *instance.mark();
  const std::string kept = mark.role == RestoreRole::restored ? "" : core::why_kept(instance);
  if (beside && mark.phase == RestorePhase::open)
    return fmt::format(
        "tidemark restore {0} --as {1} goes on; aws rds delete-db-instance "
        "--db-instance-identifier {1} --skip-final-snapshot takes it back",
        source, mark.identifier);
  if (mark.role == RestoreRole::discarded && !kept.empty()) return "nothing deletes it: " + kept;
  if (mark.role == RestoreRole::discarded)
    return fmt::format("tidemark restore retire {} deletes it, with a final snapshot", source);
  switch (mark.phase) {
    case RestorePhase::open:
      return fmt::format(
          "tidemark restore {0} goes on; tidemark restore rollback {0} takes it back", source);
    case RestorePhase::rolling_back:
      return fmt::format("tidemark restore rollback {} goes on", source);
    case RestorePhase::done:
      if (mark.role == RestoreRole::restored) return "";
      if (!kept.empty())
        return fmt::format("tidemark restore rollback {} puts it back; nothing deletes it: {}",
                           source, kept);
      return fmt::format(
          "tidemark restore retire {0} deletes it, with a final snapshot; tidemark "
          "restore rollback {0} puts it back",
          source);
    case RestorePhase::retiring:
      if (instance.status == "deleting")
        return fmt::format("tidemark restore retire {} goes on", source);
      return fmt::format(
          "tidemark restore retire {0} goes on; tidemark restore rollback {0} puts it back",
          source);
    case RestorePhase::retired: break;
  }
  return "";
}

nlohmann::json lease_json(const SeenInstance& instance) {
  const auto lease = ops::read_lease(instance.settings.tags);
  if (!lease) return nullptr;
  return {{"holder", lease->holder}, {"renewed", format_time(lease->renewed)}};
}

report::RestoreStanding standing_of(const SeenInstance& instance, const RestoreMark& mark,
                                    const ops::Source& source) {
  return {.source = source.name,
          .identifier = instance.id,
          .text = fmt::format("{} ('{}') is {} by the restore of {} from {}, which is {}{}",
                              instance.id, instance.status, core::role_name(mark.role),
                              format_time(*core::operation_began(mark.operation)), mark.origin,
                              core::phase_name(mark.phase), runner_text(instance)),
          .next = next_command(instance, source.name, mark.identifier != source.instance)};
}

// The mark says whose it is, or else the identifier does. Of an instance beside whose mark names
// no source, as earlier versions wrote it, nobody can tell: it is shown with every source. What
// names a source of another configuration is shown there.
bool concerns(const RestoreMark& mark, const ops::Source& source,
              const std::vector<ops::Source>& all) {
  for (const ops::Source& one : all)
    if (one.name == mark.source) return mark.source == source.name;
  if (mark.identifier == source.instance) return true;
  for (const ops::Source& one : all)
    if (one.instance == mark.identifier) return false;
  return mark.source.empty();
}

Result<ExitCode> run_status(Args& args, Context& context) {
  std::optional<std::string> name;
  args.positional("SOURCE", name, "only this source");
  TRY(args.parse());

  const auto session = TRY(Session::open(context));
  const auto all = TRY(session->sources(std::nullopt));
  std::vector<report::RestoreStanding> standings;
  auto document = report::document("restore_status");
  document["restores"] = nlohmann::json::array();
  for (const ops::Source& source : TRY(session->sources(name))) {
    const ops::RestoreWorld world = TRY(ops::see_world(*source.service));
    for (const SeenInstance& instance : world.instances) {
      const auto mark = instance.mark();
      if (!mark || !concerns(*mark, source, all)) continue;
      standings.push_back(standing_of(instance, *mark, source));
      document["restores"].push_back({{"source", source.name},
                                      {"instance", instance.id},
                                      {"status", instance.status},
                                      {"role", core::role_name(mark->role)},
                                      {"phase", core::phase_name(mark->phase)},
                                      {"began", mark->operation},
                                      {"identifier", mark->identifier},
                                      {"origin", mark->origin},
                                      {"progress", mark->progress},
                                      {"lease", lease_json(instance)},
                                      {"next", standings.back().next}});
    }
  }
  TRY(context.print(context.global.json
                        ? report::json_line(document)
                        : report::restore_status_text(standings, context.output_style())));
  return ExitCode::ok;
}

}  // namespace

const Command kRestoreStatusCommand{
    "restore status", "show where restores stand",
    "Lists the instances that restores made, replaced or put aside, as their tags tell it: what "
    "they are, how far the restore came, and the next command. Changes nothing.",
    "tidemark restore status", run_status};

}  // namespace tidemark::cli
