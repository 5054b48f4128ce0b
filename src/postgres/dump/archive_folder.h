// A whole archive of pg_dump's directory format: toc.dat, a file with the rows of each table, and
// one with each large object, listed in blobs.toc. Not compressed.
//
// To be called like ArchiveWriter, which says the order. The folder's caller makes it whole.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/output_file.h"
#include "postgres/dump/custom_archive.h"

namespace tidemark::postgres {

class ArchiveFolder {
 public:
  // Writes into the folder, which exists. Borrows the archive, to which data entries were added.
  ArchiveFolder(const CustomArchive& archive, std::string folder)
      : archive_(archive), folder_(std::move(folder)) {}

  Status begin() { return Done{}; }
  Status begin_table(std::int32_t dump_id);
  Status rows(ByteView bytes);
  Status end_table();
  Status begin_large_objects(std::int32_t dump_id);
  Status large_object(std::uint32_t oid, ByteView piece);
  Status end_large_objects();
  Status finish();

 private:
  Status open(const std::string& name);
  Status close();

  const CustomArchive& archive_;
  const std::string folder_;
  std::optional<OutputFile> file_;  // that is being written
  std::map<std::int32_t, std::string> file_of_entry_;
  Bytes large_objects_;  // blobs.toc
};

}  // namespace tidemark::postgres
