// `tidemark archives`: what is in the repository, and what becomes of it.
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/remote_text.h"
#include "cli/archive_policies.h"
#include "cli/commands.h"
#include "cli/repository_access.h"
#include "cli/size_text.h"
#include "ops/archive_reader.h"
#include "repo/upkeep/stats.h"
#include "report/json.h"
#include "report/table.h"

namespace tidemark::cli {
namespace {

using Points = std::map<std::string, core::RecoveryPoint>;  // by the archive's whole name

std::string state_text(const core::RecoveryPoint& point) {
  if (point.hold) return "held: " + clean_remote_text(*point.hold);
  if (point.condemned_at) return "condemned " + format_time(*point.condemned_at);
  return "";
}

nlohmann::json archive_json(const repo::ArchiveStats& one, const core::RecoveryPoint& point) {
  return {{"archive", one.archive.name.hex()},
          {"source", one.archive.source},
          {"moment", format_time(one.archive.moment)},
          {"rows", ops::rows_in(one.archive)},
          {"bytes", one.archive.bytes},
          {"added_bytes", one.added_bytes},
          {"hold", point.hold ? nlohmann::json(*point.hold) : nlohmann::json(nullptr)},
          {"condemned_at", report::json_time(point.condemned_at)},
          {"facts", one.archive.facts}};
}

Result<ExitCode> run_archives(Args& args, Context& context) {
  std::optional<std::string> source;
  args.positional("NAME", source, "only archives of this");
  TRY(args.parse());
  const auto session = TRY(Session::open(context));
  const auto access = TRY(RepositoryAccess::open(context, *session));
  Points points;
  for (const auto& [name, archives] : TRY(ops::read_archives(access->repository())))
    for (const core::RecoveryPoint& point : archives) points[point.id] = point;
  const repo::Stats stats = TRY(repo::stats(access->repository()));
  if (source && std::none_of(stats.archives.begin(), stats.archives.end(),
                             [&](const auto& one) { return one.archive.source == *source; }))
    return Error{ErrorKind::not_found,
                 fmt::format("there is no archive of {}", clean_remote_text(*source)),
                 "`tidemark archives` lists them all; a database of a source is SOURCE/DATABASE"};
  auto document = report::document("archives");
  document["archives"] = nlohmann::json::array();
  report::Table table({"ARCHIVE", "OF", "AS OF", "ROWS", "SIZE", "ADDED", ""});
  for (const repo::ArchiveStats& one : stats.archives) {
    if (source && one.archive.source != *source) continue;
    const std::string name = one.archive.name.hex();
    const core::RecoveryPoint& point = points[name];
    table.add({short_archive(name), clean_remote_text(one.archive.source),
               format_time(one.archive.moment), fmt::format("{}", ops::rows_in(one.archive)),
               size_text(one.archive.bytes), size_text(one.added_bytes), state_text(point)});
    document["archives"].push_back(archive_json(one, point));
  }
  TRY(context.print(context.global.json ? report::json_line(document) : table.text()));
  return ExitCode::ok;
}

}  // namespace

const Command kArchivesCommand{
    "archives", "list the archives of the repository",
    "Lists every archive: of what, as of when, how many rows, how large they are as text, what it "
    "added to the repository, and whether it is held, or condemned by a prune and still "
    "restorable.",
    "tidemark archives", run_archives};

}  // namespace tidemark::cli
