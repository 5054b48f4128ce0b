// `tidemark repo stats`: what each archive holds, what it added, and what is saved.
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

std::string times_smaller(const repo::Stats& stats) {
  if (stats.pack_bytes == 0) return "";
  return fmt::format(", {:.1f} times smaller", static_cast<double>(stats.plain_bytes) /
                                                   static_cast<double>(stats.pack_bytes));
}

nlohmann::json stats_json(const repo::Stats& stats) {
  auto document = report::document("stats");
  document["plain_bytes"] = stats.plain_bytes;
  document["live_bytes"] = stats.live_bytes;
  document["pack_bytes"] = stats.pack_bytes;
  document["packs"] = stats.packs;
  document["archives"] = nlohmann::json::array();
  for (const repo::ArchiveStats& one : stats.archives)
    document["archives"].push_back({{"archive", one.archive.name.hex()},
                                    {"source", one.archive.source},
                                    {"moment", format_time(one.archive.moment)},
                                    {"rows", ops::rows_in(one.archive)},
                                    {"bytes", one.archive.bytes},
                                    {"chunks", one.chunks},
                                    {"added_chunks", one.added_chunks},
                                    {"added_bytes", one.added_bytes}});
  return document;
}

std::string stats_text(const repo::Stats& stats) {
  report::Table table({"ARCHIVE", "OF", "AS OF", "ROWS", "SIZE", "CHUNKS", "NEW", "ADDED"});
  for (const repo::ArchiveStats& one : stats.archives)
    table.add({short_archive(one.archive.name.hex()), clean_remote_text(one.archive.source),
               format_time(one.archive.moment), fmt::format("{}", ops::rows_in(one.archive)),
               size_text(one.archive.bytes), fmt::format("{}", one.chunks),
               fmt::format("{}", one.added_chunks), size_text(one.added_bytes)});
  const std::uint64_t unused =
      stats.pack_bytes > stats.live_bytes ? stats.pack_bytes - stats.live_bytes : 0;
  return fmt::format(
      "{}\n{} archives, {} if each stood alone; stored in {} packs, {}{}\n"
      "of that {} that no archive needs: `tidemark archives prune` frees it\n",
      table.text(), stats.archives.size(), size_text(stats.plain_bytes), stats.packs,
      size_text(stats.pack_bytes), times_smaller(stats), size_text(unused));
}

Result<ExitCode> run_stats(Args& args, Context& context) {
  TRY(args.parse());
  const auto session = TRY(Session::open(context));
  const auto access = TRY(RepositoryAccess::open(context, *session));
  const repo::Stats stats = TRY(repo::stats(access->repository()));
  TRY(context.print(context.global.json ? report::json_line(stats_json(stats))
                                        : stats_text(stats)));
  return ExitCode::ok;
}

}  // namespace

const Command kRepoStatsCommand{
    "repo stats", "show what archives hold, what each added, and what is saved",
    "Shows for each archive its rows, its size as text, its chunks, how many of them no earlier "
    "archive had, and what they take as stored; then what all of them take together, and how much "
    "of it nothing needs any more.",
    "tidemark repo stats", run_stats};

}  // namespace tidemark::cli
