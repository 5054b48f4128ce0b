// `tidemark files cat` and `files get`: one file as it was.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/output_file.h"
#include "cli/commands.h"
#include "cli/files_access.h"
#include "cli/files_report.h"
#include "cli/size_text.h"
#include "files/content_proof.h"
#include "report/json.h"

namespace tidemark::cli {
namespace {

struct OneFile {
  std::string source;
  std::string key;
  MomentFlags moment;
  std::optional<std::string> version;

  void declare(Args& args) {
    args.positional("SOURCE", source, "a source with a bucket");
    args.positional("KEY", key, "of the file");
    moment.declare(args);
    args.option("--version-id", "ID", version, "this version; `files history` lists them");
  }
};

Error not_there(const OneFile& wanted, std::string_view when) {
  return Error{ErrorKind::not_found,
               fmt::format("there is no file {} {}", key_text(wanted.key), when),
               fmt::format("`tidemark files history {} {}` lists its versions", wanted.source,
                           key_text(wanted.key))};
}

// Of all keys that begin so, this one.
Result<files::FileVersion> find_version(FilesAccess& access, const OneFile& wanted) {
  const ChosenMoment chosen = TRY(access.moment(wanted.moment, wanted.key));
  std::vector<files::Moment> moments;
  moments.push_back(TRY(chosen.make()));
  std::optional<files::KeyState> state;
  std::optional<files::FileVersion> exact;
  files::Walk walk(std::move(moments), [&](const files::KeySeen& seen) -> Status {
    if (seen.key == wanted.key) state = seen.states.front();
    return Done{};
  });
  const Error past{ErrorKind::cancelled, "past the key"};
  const auto take = [&](const files::FileVersion& version) -> Status {
    if (version.key != wanted.key) return past;
    if (wanted.version && version.id == *wanted.version && !version.is_marker) exact = version;
    return walk.add(version);
  };
  const Status listed = access.bucket().for_each_version(wanted.key, take);
  if (!listed && listed.error().message != past.message) return listed.error();
  TRY(walk.finish());
  if (wanted.version) {
    if (exact) return *exact;
    return not_there(wanted, "of that version");
  }
  if (!state || !state->file) return not_there(wanted, chosen.shown);
  if (state->is_there) return *state->file;
  if (state->alike) return *state->alike;
  return Error{
      ErrorKind::not_found,
      fmt::format("version {} of {} is no longer there", state->file->id, key_text(wanted.key)),
      "it was expired or destroyed in the bucket"};
}

Result<files::FileVersion> copy_to(const Context& context, const OneFile& wanted,
                                   OutputFile& output) {
  const auto access = TRY(FilesAccess::open(context, wanted.source));
  const files::FileVersion version = TRY(find_version(*access, wanted));
  const files::VersionState state = TRY(files::look_for_proof(access->bucket(), version));
  if (state.is_cold)
    return Error{
        ErrorKind::conflict,
        fmt::format("{} is in an archive class and cannot be read now", key_text(version.key)),
        "`tidemark files restore ... --prefix KEY --thaw` asks for it"};
  files::ContentProof proof(version, state);
  const auto take = [&](ByteView bytes) -> Status {
    proof.add(bytes);
    return output.write(bytes, &context.stop);
  };
  TRY(access->bucket().read(version, take));
  TRY(proof.finish());
  return version;
}

Result<ExitCode> run_cat(Args& args, Context& context) {
  OneFile wanted;
  wanted.declare(args);
  TRY(args.parse());
  OutputFile output = TRY(OutputFile::standard_output());
  TRY(copy_to(context, wanted, output));
  TRY(output.commit());
  return ExitCode::ok;
}

Result<ExitCode> run_get(Args& args, Context& context) {
  OneFile wanted;
  std::string path;
  wanted.declare(args);
  args.positional("FILE", path, "where to write it");
  TRY(args.parse());
  OutputFile output = TRY(OutputFile::open(path, 0666));
  const files::FileVersion version = TRY(copy_to(context, wanted, output));
  TRY(output.commit());
  if (!context.global.json) {
    TRY(context.print(fmt::format("wrote {}, {} as stored {}\n", path, size_text(version.size),
                                  format_time(version.modified))));
    return ExitCode::ok;
  }
  auto document = report::document("files_get");
  document.update(file_json(version));
  TRY(context.print(report::json_line(document)));
  return ExitCode::ok;
}

}  // namespace

const Command kFilesCatCommand{
    "files cat", "write a file as it was to standard output",
    "Writes the content of one file to standard output: as it is, as it was at a time or a point, "
    "or of one version. Fails at the end when the bytes are not those that S3 has a checksum of.",
    "tidemark files cat shop invoices/17.pdf --at 2026-11-24T02:00:00Z", run_cat};

const Command kFilesGetCommand{
    "files get", "write a file as it was to disk",
    "Writes the content of one file to disk: as it is, as it was at a time or a point, or of one "
    "version. It has its name only when all of it is there and proven.",
    "tidemark files get shop invoices/17.pdf 17.pdf --at 2026-11-24T02:00:00Z", run_get};

}  // namespace tidemark::cli
