// What an archive says of a database, put together as one archive of pg_dump's custom format: its
// definitions, and an entry for all that holds data.
#pragma once

#include "ops/archive_reader.h"

namespace tidemark::ops {

struct Assembly {
  postgres::CustomArchive archive;
  postgres::ArchiveData data;
  postgres::DataEntries entries;
};

// Fails with corrupt.
Result<Assembly> assemble(const ArchiveReader& reader);

// The stream of a table's rows. Fails with corrupt when there is none.
Result<const repo::Stream*> rows_of(const ArchiveReader& reader,
                                    const postgres::TableToCopy& table);

// How much there is to read of these tables and large objects.
std::uint64_t bytes_of_rows(const ArchiveReader& reader, const postgres::ArchiveData& data);

}  // namespace tidemark::ops
