// `tidemark files history`: all versions of a file.
#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/files_access.h"
#include "cli/files_report.h"

namespace tidemark::cli {
namespace {

Result<ExitCode> run_history(Args& args, Context& context) {
  std::string source;
  std::string key;
  args.positional("SOURCE", source, "a source with a bucket");
  args.positional("KEY", key, "of the file");
  TRY(args.parse());
  const auto access = TRY(FilesAccess::open(context, source));
  FileLines lines(context, "files_version");
  bool any = false;
  // Keys that begin so come after it, so the listing ends with the first of them.
  const Error past{ErrorKind::cancelled, "past the key"};
  const Status listed =
      access->bucket().for_each_version(key, [&](const files::FileVersion& version) -> Status {
        if (version.key != key) return past;
        any = true;
        return lines.add(version, version.is_marker ? "deleted" : "stored ");
      });
  if (!listed && listed.error().message != past.message) return listed.error();
  TRY(lines.finish());
  if (any) return ExitCode::ok;
  return Error{
      ErrorKind::not_found,
      fmt::format("there is no version of {} in {}", key_text(key), access->bucket().describe()),
      "`tidemark files ls` lists keys; an expired version is gone for good"};
}

}  // namespace

const Command kFilesHistoryCommand{
    "files history", "list the versions of a file",
    "Lists what S3 still keeps of one file, the newest first: each version that was stored, and "
    "each deletion.",
    "tidemark files history shop invoices/17.pdf", run_history};

}  // namespace tidemark::cli
