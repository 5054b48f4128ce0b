// `tidemark run`: the daemon; `tidemark run --once`: one pass.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/log.h"
#include "cli/archiver.h"
#include "cli/commands.h"
#include "cli/doctor_rounds.h"
#include "cli/progress.h"
#include "cli/session.h"
#include "daemon/daemon.h"
#include "daemon/health.h"
#include "report/json.h"
#include "report/text.h"

namespace tidemark::cli {
namespace {

Result<ExitCode> run_once(Session& session, const Context& context, Archiver* archiver,
                          bool no_wait, Seconds deadline) {
  SnapshotProgress progress(context);
  ops::PassOptions options{.survey = session.survey_options(), .thin = session.config().thin};
  if (!no_wait)
    options.wait = ops::Wait{
        .deadline = deadline,
        .on_look = [&](const auto& snapshot, Millis elapsed) { progress.show(snapshot, elapsed); }};
  const auto sources = TRY(session.sources(std::nullopt));
  core::RunReport report = TRY(ops::run_pass(sources, options, context.clock));
  progress.finish();
  if (archiver != nullptr) {
    archiver->rounds().see(report);
    TRY(archiver->rounds().round());
    archiver->rounds().add_to(report);
    report.finished = context.clock.now();
  }
  log::debug(fmt::format("the pass made {} calls", session.call_count()));
  TRY(context.print(context.global.json ? report::json_line(report::run_document(report))
                                        : report::run_text(report, context.output_style())));
  return exit_code_of(report);
}

std::string variable(const Context& context, const std::string& name) {
  const auto found = context.environment.find(name);
  return found == context.environment.end() ? "" : found->second;
}

Result<ExitCode> run_run(Args& args, Context& context) {
  bool once = false;
  bool no_wait = false;
  Seconds deadline{0};
  args.flag("--once", once, "make one pass and exit");
  args.flag("--no-wait", no_wait, "with --once: do not wait for snapshots in progress");
  args.option("--deadline", "LENGTH", deadline, "with --once: wait at most this long, such as 6h");
  TRY(args.parse());
  TRY(require_writable(context, "run"));

  const auto session = TRY(Session::open(context));
  if (deadline == Seconds(0)) deadline = session->config().snapshot_deadline;
  std::unique_ptr<Archiver> archiver;
  if (session->config().archives_by_itself()) archiver = TRY(Archiver::open(context));
  if (once) return run_once(*session, context, archiver.get(), no_wait, deadline);

  const auto sources = TRY(session->sources(std::nullopt));
  // Without credentials nothing will ever be protected: better to end loudly than to look alive.
  const aws::Credentials credentials = TRY(session->credentials().get());
  log::info(fmt::format("protecting {} source(s) as configured by {}", sources.size(),
                        session->config().origin),
            {{"credentials", credentials.provider}});
  if (session->config().origin == "environment" && variable(context, "AWS_RDS_IDENTIFIER").empty())
    log::warning(
        fmt::format("AWS_RDS_IDENTIFIER is not set, so the instance is {}, the default of "
                    "the script that Tidemark replaces",
                    sources.front().instance));
  for (const ops::Source& source : sources)
    log::info(fmt::format("a point {}", source.schedule.describe()),
              {{"source", source.name}, {"instance", source.instance}, {"region", source.region}});
  std::unique_ptr<DoctorRounds> doctor;
  if (session->config().doctor.daily) doctor = TRY(DoctorRounds::open(context));
  daemon::DaemonOptions options{
      .pass = {.survey = session->survey_options(), .thin = session->config().thin},
      .interval = session->config().interval,
      .health_file = daemon::health_path(session->config().state_dir),
      .archives = archiver == nullptr ? nullptr : &archiver->rounds()};
  if (doctor != nullptr) options.look_daily = [&] { doctor->round(); };
  daemon::run_daemon(sources, options, daemon::ServiceManager(variable(context, "NOTIFY_SOCKET")),
                     context.clock);
  return ExitCode::ok;
}

}  // namespace

const Command kRunCommand{
    "run", "protect the sources, for ever or for one pass",
    "Takes the points that are due and thins those that the policy no longer keeps; again and "
    "again "
    "until it is stopped, or with --once a single time.\n\n"
    "Databases with a [source.NAME.archive] are archived too, the files of a source with a bucket "
    "are "
    "listed with each of its points, and the repository is pruned once a day.\n\n"
    "A pass decides only from what AWS shows. Stopping it anywhere, running it twice or on two "
    "machines makes no second point and loses none; a missed slot is made up for by one point.",
    "tidemark run --once", run_run};

}  // namespace tidemark::cli
