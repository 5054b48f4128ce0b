// A whole custom-format archive from pg_dump's definitions and our rows.
//
// First the entries for what holds data are added to the definitions, then an ArchiveWriter gives
// the bytes: the contents, and each entry's data in the order of the entries.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "postgres/dump/custom_archive.h"
#include "postgres/dump/large_objects.h"
#include "postgres/dump/tables.h"

namespace tidemark::postgres {

// What is in a database besides its definitions.
struct ArchiveData {
  std::vector<TableToCopy> tables;
  std::vector<SequenceToCopy> sequences;
  std::vector<ViewToRefresh> views;
  std::vector<LargeObject> large_objects;
};

struct DataEntries {
  std::vector<std::int32_t> tables;  // dump ids, in the order of ArchiveData::tables
  std::optional<std::int32_t> large_objects;
};

// Adds the entries, where pg_dump would have put them. Fails with corrupt when a table, a sequence
// or a view has no definition in the archive.
Result<DataEntries> add_data_entries(CustomArchive& archive, const ArchiveData& data);

// Borrows the archive, in which it notes each entry's offset. Call in this order: begin(); for each
// table, in their order, begin_table(), rows() as often as needed, end_table(); for large objects
// begin_large_objects(), large_object(), end_large_objects(); finish().
class ArchiveWriter {
 public:
  using Sink = std::function<Status(ByteView)>;

  ArchiveWriter(CustomArchive& archive, Sink sink) : archive_(archive), sink_(std::move(sink)) {}

  Status begin();

  Status begin_table(std::int32_t dump_id);
  Status rows(ByteView bytes);  // of COPY's text format, cut anywhere
  Status end_table();

  Status begin_large_objects(std::int32_t dump_id);
  // As copy_large_objects calls its sink: an empty piece ends the object.
  Status large_object(std::uint32_t oid, ByteView piece);
  Status end_large_objects();

  // Fails with corrupt when data of an entry are missing. Afterwards encode_contents(archive) may
  // be written over the file's beginning, so that pg_restore finds data without searching.
  Status finish();

 private:
  Status put(ByteView bytes);
  Status begin_data(char kind, std::int32_t dump_id);

  CustomArchive& archive_;
  Sink sink_;
  std::uint64_t written_ = 0;
  std::size_t next_entry_ = 0;
  std::optional<std::uint32_t> object_;  // the large object that is being written
};

}  // namespace tidemark::postgres
