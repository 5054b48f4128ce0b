// `tidemark files diff`: what changed in a bucket between two moments.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/files_access.h"
#include "cli/files_report.h"
#include "report/json.h"

namespace tidemark::cli {
namespace {

struct Changes {
  std::uint64_t added = 0;
  std::uint64_t removed = 0;
  std::uint64_t changed = 0;
};

Status add_change(const files::KeySeen& seen, FileLines& lines, Changes& changes) {
  const auto& before = seen.states[0].file;
  const auto& after = seen.states[1].file;
  if (!before && !after) return Done{};
  if (!before) {
    ++changes.added;
    return lines.add(*after, "+");
  }
  if (!after) {
    ++changes.removed;
    return lines.add(*before, "-");
  }
  if (before->id == after->id || files::same_content(*before, *after)) return Done{};
  ++changes.changed;
  return lines.add(*after, "~");
}

Result<ExitCode> run_diff(Args& args, Context& context) {
  std::string source;
  std::optional<std::string> given_prefix;
  MomentFlags from;
  MomentFlags to;
  args.positional("SOURCE", source, "a source with a bucket");
  from.declare(args);
  args.option("--to-at", "TIME", to.at, "compare with this time instead of now");
  args.option("--to-point", "ARCHIVE", to.point, "compare with this inventory instead of now");
  args.option("--prefix", "PREFIX", given_prefix, "only files whose keys begin so");
  TRY(args.parse());
  if (!from.at && !from.point)
    return Error{ErrorKind::invalid_input, "since when is missing",
                 "give --at TIME, or --point ARCHIVE"};
  const auto access = TRY(FilesAccess::open(context, source));
  const std::string prefix = TRY(access->prefix(given_prefix));
  std::vector<files::Moment> moments;
  for (const MomentFlags* flags : {&from, &to}) {
    const ChosenMoment chosen = TRY(access->moment(*flags, prefix));
    moments.push_back(TRY(chosen.make()));
  }
  FileLines lines(context, "files_change");
  Changes changes;
  files::Walk walk(std::move(moments),
                   [&](const files::KeySeen& seen) { return add_change(seen, lines, changes); });
  TRY(access->bucket().for_each_version(
      prefix, [&](const files::FileVersion& version) { return walk.add(version); }));
  TRY(walk.finish());
  TRY(lines.finish());
  if (!context.global.json) {
    TRY(context.print(fmt::format("{} added, {} removed, {} changed\n", changes.added,
                                  changes.removed, changes.changed)));
    return ExitCode::ok;
  }
  auto document = report::document("files_diff");
  document["added"] = changes.added;
  document["removed"] = changes.removed;
  document["changed"] = changes.changed;
  TRY(context.print(report::json_line(document)));
  return ExitCode::ok;
}

}  // namespace

const Command kFilesDiffCommand{
    "files diff", "say what changed in a bucket since a moment",
    "Compares the files of a source's bucket at two moments: + was added, - was removed, ~ has "
    "another content. Without --to-at or --to-point the second moment is now.",
    "tidemark files diff shop --at 2026-11-24T02:00:00Z", run_diff};

}  // namespace tidemark::cli
