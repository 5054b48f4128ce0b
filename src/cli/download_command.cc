// `tidemark download`: an archive as a file that stock pg_restore takes.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/log.h"
#include "base/remote_text.h"
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
  if (word == "directory" || word == "d") return ops::DownloadFormat::folder;
  if (word == "roles") return ops::DownloadFormat::roles;
  return Error{ErrorKind::invalid_input, fmt::format("-F is '{}'", word),
               "choose custom, directory, plain or roles"};
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

struct Given {
  std::string archive;
  std::optional<std::string> path;
  std::optional<std::string> format;
  ops::DownloadOptions options;
};

Status read_arguments(Args& args, Given& given) {
  args.positional("ARCHIVE", given.archive,
                  "the beginning of its name, or what it is of: the newest");
  args.option("-o", "FILE", given.path, "the file to write; - is standard output");
  args.option("-F", "FORMAT", given.format,
              "custom or directory, for pg_restore; plain, SQL for psql; roles, SQL that makes the "
              "server's roles; custom unless given");
  args.option("--schema", "NAME", given.options.schema, "only this schema");
  args.option(
      "--table", "NAME", given.options.table,
      "only the definition and the rows of this table and its partitions, as in public.orders");
  TRY(args.parse());
  if (given.options.schema && given.options.table)
    return Error{ErrorKind::invalid_input, "--schema and --table exclude each other",
                 "give one of them"};
  if (!given.path)
    return Error{ErrorKind::invalid_input, "-o is missing", "name the file to write with -o"};
  given.options.format = TRY(parse_format(given.format.value_or("custom")));
  if (given.options.format == ops::DownloadFormat::folder && given.path == "-")
    return Error{ErrorKind::invalid_input, "a folder cannot go to standard output",
                 "name it with -o, or choose -F custom"};
  return Done{};
}

Status report_done(const Context& context, const Given& given, const repo::Archive& archive,
                   const ops::ArchiveProgress& total, Millis took) {
  if (context.global.json) {
    auto document = report::document("download");
    document["archive"] = archive.name.hex();
    document["moment"] = format_time(archive.moment);
    document["file"] = *given.path;
    document["tables"] = total.tables_done;
    document["rows"] = total.rows;
    document["took_seconds"] = std::chrono::duration<double>(took).count();
    return context.print(report::json_line(document));
  }
  const bool to_output = given.path == "-";
  const std::string text =
      fmt::format("downloaded {} as of {} to {}: {} rows in {} tables, in {}",
                  clean_remote_text(archive.source), format_time(archive.moment),
                  to_output ? "standard output" : *given.path, total.rows, total.tables_done,
                  format_duration(std::chrono::floor<Seconds>(took)));
  if (!to_output) return context.print(text + "\n");
  log::info(log::safe_text(text));
  return Done{};
}

Result<ops::ArchiveProgress> write_archive(const Context& context, repo::Repository& repository,
                                           const repo::Archive& archive, const Given& given) {
  if (given.options.format == ops::DownloadFormat::folder) {
    OutputFolder folder = TRY(OutputFolder::begin(*given.path));
    return ops::download_folder(repository, archive, folder, given.options, context.stop);
  }
  OutputFile file = TRY(open_output(context, *given.path, given.options.format));
  const bool is_draft = file.is_draft();
  auto written =
      ops::download_archive(repository, archive, file, given.options, context.clock, context.stop);
  if (written || is_draft) return written;
  Error error = std::move(written).error();
  error.message += fmt::format(" ({} is not whole)", file.name());
  return error;
}

Result<ExitCode> run_download(Args& args, Context& context) {
  Given given;
  TRY(read_arguments(args, given));
  const auto session = TRY(Session::open(context));
  const auto access = TRY(RepositoryAccess::open(context, *session));
  const repo::Archive archive = TRY(ops::find_archive(access->repository(), given.archive));
  repo::ReaderLease reading = access->reading();
  StepProgress progress(context);
  const Millis begin = context.clock.steady();
  given.options.on_progress = [&](const ops::ArchiveProgress& at) {
    reading.keep();
    const Millis elapsed = context.clock.steady() - begin;
    progress.detail(progress_text(at, elapsed), elapsed);
  };
  const auto written = write_archive(context, access->repository(), archive, given);
  reading.release();
  progress.finish();
  if (!written) return written.error();
  TRY(report_done(context, given, archive, *written, context.clock.steady() - begin));
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
