// `tidemark download`: an archive as a file that stock pg_restore takes.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/log.h"
#include "cli/archive_progress.h"
#include "cli/commands.h"
#include "cli/repository_access.h"
#include "cli/step_progress.h"
#include "ops/download.h"
#include "report/json.h"

namespace tidemark::cli {
namespace {

constexpr unsigned kPrivateFile = 0600;

Result<ops::DownloadFormat> parse_format(const std::string& word) {
  if (word == "custom" || word == "c") return ops::DownloadFormat::custom;
  if (word == "plain" || word == "p") return ops::DownloadFormat::plain;
  if (word == "roles") return ops::DownloadFormat::roles;
  return Error{ErrorKind::invalid_input, fmt::format("-F is '{}'", word),
               "choose custom, plain or roles"};
}

Result<OutputFile> open_output(const Context& context, const std::string& path,
                               ops::DownloadFormat format) {
  if (path != "-") return OutputFile::open(path, kPrivateFile);
  if (context.global.json)
    return Error{ErrorKind::invalid_input, "--json and -o - both want standard output",
                 "name a file with -o"};
  if (context.terminal.output_is_terminal && format == ops::DownloadFormat::custom)
    return Error{ErrorKind::invalid_input, "a terminal cannot show pg_dump's custom format",
                 "name a file with -o, or choose -F plain"};
  return OutputFile::standard_output();
}

Result<ExitCode> run_download(Args& args, Context& context) {
  std::string name;
  std::optional<std::string> path;
  std::optional<std::string> format_word;
  args.positional("ARCHIVE", name, "the beginning of its name, or what it is of: the newest");
  args.option("-o", "FILE", path, "the file to write; - is standard output");
  args.option(
      "-F", "FORMAT", format_word,
      "custom, for pg_restore; plain, SQL for psql; roles, SQL that makes the server's roles; "
      "custom unless given");
  TRY(args.parse());
  if (!path)
    return Error{ErrorKind::invalid_input, "-o is missing", "name the file to write with -o"};
  const ops::DownloadFormat format = TRY(parse_format(format_word.value_or("custom")));
  OutputFile file = TRY(open_output(context, *path, format));
  const auto session = TRY(Session::open(context));
  const auto access = TRY(RepositoryAccess::open(context, *session));
  const repo::Archive archive = TRY(ops::find_archive(access->repository(), name));
  StepProgress progress(context);
  const Millis begin = context.clock.steady();
  const ops::DownloadOptions options{.format = format,
                                     .on_progress = [&](const ops::ArchiveProgress& at) {
                                       const Millis elapsed = context.clock.steady() - begin;
                                       progress.detail(progress_text(at, elapsed), elapsed);
                                     }};
  const auto written = ops::download_archive(access->repository(), archive, file, options,
                                             context.clock, context.stop);
  progress.finish();
  if (!written) {
    Error error = written.error();
    if (!file.is_draft()) error.message += fmt::format(" ({} is not whole)", file.name());
    return error;
  }
  const Millis took = context.clock.steady() - begin;
  const std::string text =
      fmt::format("downloaded {} as of {} to {}: {} rows in {} tables, in {}", archive.source,
                  format_time(archive.moment), file.name(), written->rows, written->tables_done,
                  format_duration(std::chrono::floor<Seconds>(took)));
  if (*path == "-") {
    log::info(log::safe_text(text));
    return ExitCode::ok;
  }
  if (!context.global.json) {
    TRY(context.print(text + "\n"));
    return ExitCode::ok;
  }
  auto document = report::document("download");
  document["archive"] = archive.name.hex();
  document["moment"] = format_time(archive.moment);
  document["file"] = file.name();
  document["tables"] = written->tables_done;
  document["rows"] = written->rows;
  document["took_seconds"] = std::chrono::duration<double>(took).count();
  TRY(context.print(report::json_line(document)));
  return ExitCode::ok;
}

}  // namespace

const Command kDownloadCommand{
    "download", "write an archive to a file that stock pg_restore takes",
    "Writes one archive as a file of pg_dump's custom format, which pg_restore of that version or "
    "newer lists and restores without this program, or as SQL. The file appears under its name "
    "when it is whole. What is sent to standard output is whole only if the exit code is 0.",
    "tidemark download orders/shop -o shop.dump && pg_restore -l shop.dump", run_download};

}  // namespace tidemark::cli
