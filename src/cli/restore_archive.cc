#include "cli/restore_archive.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/repository_access.h"
#include "cli/size_text.h"
#include "cli/step_progress.h"
#include "ops/restore_archive.h"
#include "postgres/conn/connection_text.h"
#include "report/json.h"
#include "report/restore_json.h"

namespace tidemark::cli {

Result<ExitCode> restore_archive_to(const Context& context, const ArchiveTarget& target) {
  const postgres::ConnectionOptions connection =
      TRY(postgres::parse_connection_text(target.url, context.environment));
  const auto session = TRY(Session::open(context));
  const auto access = TRY(RepositoryAccess::open(context, *session));
  const repo::Archive archive = TRY(ops::find_archive(access->repository(), target.archive));
  StepProgress progress(context);
  const Millis begin = context.clock.steady();
  ops::RestoreArchiveOptions options{.tables = target.tables,
                                     .owners = target.owners,
                                     .privileges = target.privileges,
                                     .jobs = target.jobs};
  options.on_progress = [&](const ops::ArchiveProgress& at) {
    progress.detail(
        fmt::format("{} of {} tables, {}", at.tables_done, at.tables_total, size_text(at.bytes)),
        context.clock.steady() - begin);
  };
  const auto restored = ops::restore_archive(connection, access->repository(), archive, options,
                                             context.clock, context.stop);
  progress.finish();
  if (!restored) return restored.error();
  const Millis took = context.clock.steady() - begin;
  if (context.global.json) {
    auto document = report::document("restore_archive");
    document["archive"] = archive.name.hex();
    document["moment"] = format_time(archive.moment);
    document["tables"] = restored->total.tables_done;
    document["rows"] = restored->total.rows;
    document["problems"] = report::problems_json(restored->problems);
    document["took_seconds"] = std::chrono::duration<double>(took).count();
    TRY(context.print(report::json_line(document)));
  } else {
    std::string text = fmt::format(
        "restored {} as of {} into database {}: {} rows in {} tables, in {}\n", archive.source,
        format_time(archive.moment), connection.database, restored->total.rows,
        restored->total.tables_done, format_duration(std::chrono::floor<Seconds>(took)));
    for (const core::Problem& problem : restored->problems)
      text += fmt::format("  {} {}\n    -> {}\n", core::severity_name(problem.severity),
                          problem.message, problem.hint);
    TRY(context.print(text));
  }
  return restored->problems.empty() ? ExitCode::ok : ExitCode::partial;
}

}  // namespace tidemark::cli
