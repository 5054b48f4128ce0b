// ArchiveReader: an archive of the repository, read back and proven.
//
// Every chunk is proven by its digest as it is read, and every table by its count and checksum.
// A failure names the table and the archive. Borrows the repository. Thread-safe once it is open.
#pragma once

#include <functional>

#include "ops/archive_lists.h"
#include "ops/row_checksum.h"
#include "repo/repository.h"

namespace tidemark::ops {

// The one archive whose name begins so: at least 4 digits. Fails with not_found, also when there
// are several.
Result<repo::Archive> archive_by_id(repo::Repository& repository, const std::string& digits);

// The newest archive of that source, else the one whose name begins so.
Result<repo::Archive> find_archive(repo::Repository& repository, const std::string& name);

// Rows of tables in it: no pieces of large objects.
std::uint64_t rows_in(const repo::Archive& archive);

using RowRange = std::vector<repo::ChunkReference>;

class ArchiveReader {
 public:
  static Result<ArchiveReader> open(repo::Repository& repository, const repo::Archive& archive);

  const repo::Manifest& manifest() const { return manifest_; }
  // Null when the archive has no such stream.
  const repo::Stream* find(std::string_view name) const;
  // "archive 0123456789ab", for messages.
  const std::string& shown() const { return shown_; }

  // A stream, whole. Fails with corrupt when there is none.
  Result<Bytes> read(std::string_view name) const;

  // The rows of a stream, chunk by chunk. Succeeds only when they were as many as were archived,
  // with the same checksum: what a sink was given before must not count until then.
  Status read_rows(const repo::Stream& stream, const std::function<Status(ByteView)>& sink) const;

  // The same in ranges of about so many bytes, each from the begin of a row to the end of one, so
  // that they can be read side by side.
  Result<std::vector<RowRange>> split_rows(const repo::Stream& stream,
                                           std::uint64_t range_bytes) const;

  // One of them, and its checksum, to be added to those of the others and proven.
  Result<RowChecksum> read_range(const repo::Stream& stream, const RowRange& range,
                                 const std::function<Status(ByteView)>& sink) const;

  // Fails with corrupt unless these are the rows that were archived.
  Status prove(const repo::Stream& stream, const RowChecksum& rows) const;

  // The lists, and the facts of large objects.
  Result<postgres::ArchiveData> data() const;

 private:
  ArchiveReader(repo::Repository& repository, repo::Manifest manifest, std::string shown)
      : repository_(&repository), manifest_(std::move(manifest)), shown_(std::move(shown)) {}

  Error in_stream(std::string_view name, Error error) const;

  repo::Repository* repository_;
  repo::Manifest manifest_;
  std::string shown_;
};

}  // namespace tidemark::ops
