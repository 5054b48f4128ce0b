// Rows out of a server, as COPY's text format: a line a row (PostgreSQL, "COPY", File Formats).
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/bytes.h"
#include "postgres/conn/connection.h"

namespace tidemark::postgres {

struct CopyOutOptions {
  std::size_t block_bytes = 1 << 20;  // a block is handed on when it is at least this large
  Millis silence{600'000};            // how long the server may send nothing
};

struct RowBlock {
  ByteView bytes;  // whole rows, each with its line end; valid during the call
  std::int64_t rows = 0;
};

using RowSink = std::function<Status(const RowBlock&)>;

struct CopyTotals {
  std::int64_t rows = 0;
  std::int64_t bytes = 0;
};

// Runs `COPY ... TO STDOUT` and hands the rows to the sink, block by block. Succeeds only after the
// server has said that this was all, and has counted as many rows as we did. When the sink fails,
// the COPY is cancelled and its error returned. Memory: a block and the longest row.
Result<CopyTotals> copy_out(Connection& connection, const std::string& statement,
                            const CopyOutOptions& options, const RowSink& sink);

}  // namespace tidemark::postgres
