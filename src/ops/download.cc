#include "ops/download.h"

#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "base/fed_process.h"
#include "base/log.h"
#include "base/remote_text.h"
#include "ops/archive_selection.h"
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

class Download {
 public:
  Download(const ArchiveReader& reader, Assembly& assembly, const DownloadOptions& options,
           BufferedSink::Write write)
      : reader_(reader),
        assembly_(assembly),
        options_(options),
        sink_(std::move(write)),
        writer_(assembly.archive, [this](ByteView bytes) { return sink_.add(bytes); }),
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
    TRY(sink_.flush());
    return progress_;
  }

 private:
  Status add_table(const postgres::TableToCopy& table, std::int32_t dump_id) {
    const repo::Stream* const stream = TRY(rows_of(reader_, table));
    TRY(writer_.begin_table(dump_id));
    TRY(reader_.read_rows(*stream, [&](ByteView rows) -> Status {
      report(rows);
      return writer_.rows(rows);
    }));
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
    TRY(reader_.read_rows(*stream, [&](ByteView rows) -> Status {
      report(rows);
      begun += rows;
      return take_rows(begun);
    }));
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

  void report(ByteView rows) {
    progress_.bytes += rows.size();
    progress_.done = static_cast<double>(progress_.bytes) / static_cast<double>(bytes_);
    if (options_.on_progress) options_.on_progress(progress_);
  }

  const ArchiveReader& reader_;
  Assembly& assembly_;
  const DownloadOptions& options_;
  BufferedSink sink_;
  postgres::ArchiveWriter writer_;
  std::optional<std::uint32_t> object_;  // the large object that is being written
  const std::uint64_t bytes_;            // that are to be read
  ArchiveProgress progress_;
};

Result<ArchiveProgress> write_custom(const ArchiveReader& reader, Assembly& assembly,
                                     OutputFile& file, const DownloadOptions& options,
                                     const StopSignal& stop) {
  Download download(reader, assembly, options,
                    [&](ByteView bytes) { return file.write(bytes, &stop); });
  const ArchiveProgress progress = TRY(download.run());
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
  Download download(reader, assembly, options, [&](ByteView bytes) -> Status {
    TRY(process.write(bytes));
    if (process.takes_input()) return Done{};
    return Error{ErrorKind::rejected, "pg_restore took no more"};
  });
  const auto progress = download.run();
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
    const std::size_t index = TRY(find_table(assembly, *options.table));
    select_table(assembly, index);
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

}  // namespace tidemark::ops
