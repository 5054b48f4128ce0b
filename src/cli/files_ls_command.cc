// `tidemark files ls`: the files of a bucket at a moment.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/remote_text.h"
#include "cli/commands.h"
#include "cli/files_access.h"
#include "cli/files_report.h"

namespace tidemark::cli {
namespace {

Result<ExitCode> run_ls(Args& args, Context& context) {
  std::string source;
  std::optional<std::string> given_prefix;
  MomentFlags flags;
  args.positional("SOURCE", source, "a source with a bucket");
  args.option("--prefix", "PREFIX", given_prefix, "only files whose keys begin so");
  flags.declare(args);
  TRY(args.parse());
  const auto access = TRY(FilesAccess::open(context, source));
  const std::string prefix = TRY(access->prefix(given_prefix));
  const ChosenMoment chosen = TRY(access->moment(flags, prefix));
  const files::Moment moment = TRY(chosen.make());
  FileLines lines(context, "file");
  if (!moment.time) {
    // What the inventory says, whatever has become of it.
    for (auto row = TRY(moment.rows()); row; row = TRY(moment.rows())) TRY(lines.add(*row));
    TRY(lines.finish());
    return ExitCode::ok;
  }
  files::Walk walk({moment}, [&](const files::KeySeen& seen) -> Status {
    const auto& file = seen.states.front().file;
    return file ? lines.add(*file) : Done{};
  });
  TRY(access->bucket().for_each_version(
      prefix, [&](const files::FileVersion& version) { return walk.add(version); }));
  TRY(walk.finish());
  TRY(lines.finish());
  return ExitCode::ok;
}

}  // namespace

const Command kFilesLsCommand{
    "files ls", "list the files of a bucket as they are, or were",
    "Lists the files of a source's bucket: now, at a time (from the versions that S3 keeps), or at "
    "a point (from its inventory). One line a file: when it was stored, its size, its version, its "
    "key. With --json one document a line.",
    "tidemark files ls shop --at 2026-11-24T02:00:00Z", run_ls};

}  // namespace tidemark::cli
