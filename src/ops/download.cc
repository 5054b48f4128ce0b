#include "ops/download.h"

#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "base/fed_process.h"
#include "base/log.h"
#include "base/remote_text.h"
#include "ops/archive_selection.h"
#include "postgres/dump/archive_folder.h"
#include "postgres/dump/client_programs.h"

namespace tidemark::ops {
namespace {

constexpr std::size_t kBufferBytes = 1 << 20;
constexpr Millis kProgramPatience{600'000};  // for one piece of input

// Gathers small pieces, so that not each of them is a call of the system.
class BufferedSink {
 public:
  using Write = std::function<Status(ByteView)>;

  explicit BufferedSink(Write write) : write_(std::move(write)) {}

  Status add(ByteView bytes) {
    buffer_ += bytes;
    return buffer_.size() < kBufferBytes ? Status(Done{}) : flush();
  }
  Status flush() {
    TRY(write_(buffer_));
    buffer_.clear();
    return Done{};
  }

 private:
  Write write_;
  Bytes buffer_;
};

// Gives all that is in an archive to a writer of one of pg_dump's formats.
template <class Writer>
class Download {
 public:
  Download(const ArchiveReader& reader, const Assembly& assembly, const DownloadOptions& options,
           Writer& writer, const StopSignal& stop)
      : reader_(reader),
        assembly_(assembly),
        options_(options),
        writer_(writer),
        stop_(stop),
        bytes_(bytes_of_rows(reader, assembly.data)) {
    progress_.tables_total = assembly.data.tables.size();
  }
  Download(const Download&) = delete;
  Download& operator=(const Download&) = delete;

  Result<ArchiveProgress> run() {
    TRY(writer_.begin());
    for (std::size_t i = 0; i < assembly_.data.tables.size(); ++i)
      TRY(add_table(assembly_.data.tables[i], assembly_.entries.tables[i]));
    if (assembly_.entries.large_objects) TRY(add_large_objects(*assembly_.entries.large_objects));
    TRY(writer_.finish());
    return progress_;
  }

 private:
  Status add_table(const postgres::TableToCopy& table, std::int32_t dump_id) {
    const repo::Stream* const stream = TRY(rows_of(reader_, table));
    TRY(writer_.begin_table(dump_id));
    const auto take = [&](ByteView rows) -> Status {
      TRY(report(rows));
      return writer_.rows(rows);
    };
    TRY(reader_.read_rows(*stream, take));
    TRY(writer_.end_table());
    progress_.rows += stream->rows;
    ++progress_.tables_done;
    return Done{};
  }

  Status add_large_objects(std::int32_t dump_id) {
    const repo::Stream* const stream = reader_.find(kLargeObjectsStream);
    if (stream == nullptr)
      return Error{ErrorKind::corrupt,
                   fmt::format("{} has no content of large objects", reader_.shown())};
    TRY(writer_.begin_large_objects(dump_id));
    Bytes begun;  // a row that was cut
    const auto take = [&](ByteView rows) -> Status {
      TRY(report(rows));
      begun += rows;
      return take_rows(begun);
    };
    TRY(reader_.read_rows(*stream, take));
    if (object_) TRY(writer_.large_object(*object_, {}));
    return writer_.end_large_objects();
  }

  // Takes off the rows that have their end.
  Status take_rows(Bytes& rows) {
    std::size_t at = 0;
    for (std::size_t end = rows.find('\n'); end != Bytes::npos; end = rows.find('\n', at)) {
      const LargeObjectPiece piece = TRY(decode_piece(ByteView(rows).substr(at, end - at)));
      TRY(take_piece(piece));
      at = end + 1;
    }
    rows.erase(0, at);
    return Done{};
  }

  Status take_piece(const LargeObjectPiece& piece) {
    if (object_ && *object_ != piece.oid) TRY(writer_.large_object(*object_, {}));
    object_ = piece.oid;
    if (piece.bytes.empty()) return Done{};
    return writer_.large_object(piece.oid, piece.bytes);
  }

  Status report(ByteView rows) {
    if (stop_.requested()) return stopped();
    progress_.bytes += rows.size();
    progress_.done = static_cast<double>(progress_.bytes) / static_cast<double>(bytes_);
    if (options_.on_progress) options_.on_progress(progress_);
    return Done{};
  }

  const ArchiveReader& reader_;
  const Assembly& assembly_;
  const DownloadOptions& options_;
  Writer& writer_;
  const StopSignal& stop_;
  std::optional<std::uint32_t> object_;  // the large object that is being written
  const std::uint64_t bytes_;            // that are to be read
  ArchiveProgress progress_;
};

// As one stream of bytes.
Result<ArchiveProgress> write_stream(const ArchiveReader& reader, Assembly& assembly,
                                     const DownloadOptions& options, BufferedSink::Write write,
                                     const StopSignal& stop) {
  BufferedSink sink(std::move(write));
  postgres::ArchiveWriter writer(assembly.archive, [&](ByteView bytes) { return sink.add(bytes); });
  const ArchiveProgress progress = TRY(Download(reader, assembly, options, writer, stop).run());
  TRY(sink.flush());
  return progress;
}

Result<ArchiveProgress> write_custom(const ArchiveReader& reader, Assembly& assembly,
                                     OutputFile& file, const DownloadOptions& options,
                                     const StopSignal& stop) {
  const ArchiveProgress progress = TRY(write_stream(
      reader, assembly, options, [&](ByteView bytes) { return file.write(bytes, &stop); }, stop));
  // Now the places of the data are known, so that pg_restore --jobs need not search for them.
  if (file.is_draft()) TRY(file.write_over_beginning(postgres::encode_contents(assembly.archive)));
  return progress;
}

Result<int> server_version_of(const repo::Archive& archive) {
  const auto fact = archive.facts.find("server_version");
  int version = 0;
  if (fact != archive.facts.end())
    std::from_chars(fact->second.data(), fact->second.data() + fact->second.size(), version);
  if (version > 0) return version;
  return Error{ErrorKind::corrupt, "the archive does not say its server's version"};
}

Result<ArchiveProgress> write_plain(const ArchiveReader& reader, Assembly& assembly,
                                    OutputFile& file, int server_version,
                                    const DownloadOptions& options, Clock& clock,
                                    const StopSignal& stop) {
  const auto programs = TRY(postgres::find_client_programs(server_version));
  FedProcess process =
      TRY(FedProcess::start({.argv = {programs.folder + "/pg_restore", "--file=-"},
                             .environment = {{"PATH", "/usr/bin:/bin"}, {"LC_ALL", "C.UTF-8"}},
                             .deadline = kProgramPatience},
                            file.descriptor(), clock, stop));
  const auto write = [&](ByteView bytes) -> Status {
    TRY(process.write(bytes));
    if (process.takes_input()) return Done{};
    return Error{ErrorKind::rejected, "pg_restore took no more"};
  };
  const auto progress = write_stream(reader, assembly, options, write, stop);
  if (!progress && process.takes_input()) return progress;
  const ProcessOutcome outcome = TRY(process.finish());
  if (outcome.exit_code == 0) return progress;
  const std::string said = clean_remote_text(
      std::string_view(outcome.error_output).substr(0, outcome.error_output.find('\n')));
  const bool full = said.find("No space left") != std::string::npos;
  return Error{full ? ErrorKind::exhausted : ErrorKind::rejected,
               fmt::format("cannot write {}: pg_restore ended with {}: {}", file.name(),
                           outcome.exit_code, said)};
}

Status select(Assembly& assembly, const DownloadOptions& options) {
  if (options.table) {
    const ChosenTable chosen = TRY(find_table(assembly, *options.table));
    select_table(assembly, chosen);
  } else if (options.schema) {
    const auto left_out = TRY(select_schema(assembly, *options.schema));
    for (const std::string& key : left_out)
      log::warning(fmt::format("foreign key {} is left out: its table is in another schema",
                               clean_remote_text(key)));
  }
  return Done{};
}

Status write_roles(const ArchiveReader& reader, OutputFile& file, const StopSignal& stop) {
  const Bytes rows = TRY(reader.read(kRolesStream));
  Bytes script = "-- Roles that log in have no password here.\n";
  const auto statements = TRY(decode_roles(rows));
  for (const postgres::RoleStatement& one : statements) script += one.sql + ";\n";
  return file.write(script, &stop);
}

}  // namespace

Result<ArchiveProgress> download_archive(repo::Repository& repository, const repo::Archive& archive,
                                         OutputFile& file, const DownloadOptions& options,
                                         Clock& clock, const StopSignal& stop) {
  const ArchiveReader reader = TRY(ArchiveReader::open(repository, archive));
  ArchiveProgress progress;
  if (options.format == DownloadFormat::roles) {
    TRY(write_roles(reader, file, stop));
    TRY(file.commit());
    return progress;
  }
  Assembly assembly = TRY(assemble(reader));
  TRY(select(assembly, options));
  if (options.format == DownloadFormat::plain) {
    const int version = TRY(server_version_of(archive));
    progress = TRY(write_plain(reader, assembly, file, version, options, clock, stop));
  } else {
    progress = TRY(write_custom(reader, assembly, file, options, stop));
  }
  TRY(file.commit());
  return progress;
}

Result<ArchiveProgress> download_folder(repo::Repository& repository, const repo::Archive& archive,
                                        OutputFolder& folder, const DownloadOptions& options,
                                        const StopSignal& stop) {
  const ArchiveReader reader = TRY(ArchiveReader::open(repository, archive));
  Assembly assembly = TRY(assemble(reader));
  TRY(select(assembly, options));
  postgres::ArchiveFolder writer(assembly.archive, folder.draft());
  const ArchiveProgress progress = TRY(Download(reader, assembly, options, writer, stop).run());
  TRY(folder.commit());
  return progress;
}

}  // namespace tidemark::ops
