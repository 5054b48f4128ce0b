// `tidemark backup`: take a point now, whatever the schedule says.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "cli/archiver.h"
#include "cli/commands.h"
#include "cli/progress.h"
#include "cli/session.h"
#include "report/json.h"
#include "report/text.h"

namespace tidemark::cli {
namespace {

// Of the files of those sources that have some. What goes wrong is in the report: the points are
// there, with or without.
Result<ExitCode> take_inventories(const Context& context, const Session& session,
                                  core::RunReport& report) {
  const ExitCode code = exit_code_of(report);
  const config::Config& config = session.config();
  const bool any =
      std::any_of(report.sources.begin(), report.sources.end(), [&](const core::SourceReport& one) {
        return config.takes_inventories(session.source_config(one.plan.source));
      });
  if (!any) return code;
  const auto archiver = TRY(Archiver::open(context));
  ops::ArchiveRounds& rounds = archiver->rounds();
  rounds.see(report);
  TRY(rounds.take_inventories());
  const bool failed = report.failed();
  rounds.add_events_to(report);
  report.finished = context.clock.now();
  return report.failed() && !failed ? ExitCode::partial : code;
}

Result<ExitCode> run_backup(Args& args, Context& context) {
  std::optional<std::string> name;
  bool no_wait = false;
  Seconds deadline{0};
  args.positional("SOURCE", name, "only this source");
  args.flag("--no-wait", no_wait, "return once the snapshots are asked for");
  args.option("--deadline", "LENGTH", deadline, "wait at most this long, such as 6h");
  TRY(args.parse());
  TRY(require_writable(context, "take a snapshot"));

  const auto session = TRY(Session::open(context));
  SnapshotProgress progress(context);
  ops::PassOptions options{.survey = session->survey_options(), .thin = false};
  if (!no_wait)
    options.wait = ops::Wait{
        .deadline = deadline > Seconds(0) ? deadline : session->config().snapshot_deadline,
        .on_look = [&](const auto& snapshot, Millis elapsed) { progress.show(snapshot, elapsed); }};
  const auto sources = TRY(session->sources(name));
  core::RunReport report = TRY(ops::back_up_now(sources, options, context.clock));
  progress.finish();
  const ExitCode code =
      no_wait ? exit_code_of(report) : TRY(take_inventories(context, *session, report));
  TRY(context.print(context.global.json ? report::json_line(report::run_document(report))
                                        : report::run_text(report, context.output_style())));
  return code;
}

}  // namespace

const Command kBackupCommand{
    "backup", "take a point now",
    "Takes a snapshot of each source, or of the one named, whatever the schedule says, and waits "
    "until it is available. The point counts for the schedule and for retention like any other.\n\n"
    "The name of the snapshot holds the minute: the same command in the same minute finds the same "
    "snapshot and makes no second one.\n\n"
    "Of a source with a bucket, what files there were at that moment is stored in the repository "
    "afterwards. When that fails, the point is there all the same, and the exit code is 3.",
    "tidemark backup orders", run_backup};

}  // namespace tidemark::cli
