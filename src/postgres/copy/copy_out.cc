#include "postgres/copy/copy_out.h"

#include <charconv>
#include <memory>
#include <string_view>

#include <fmt/format.h>
#include <libpq-fe.h>

namespace tidemark::postgres {
namespace {

struct FreeRow {
  void operator()(char* row) const { PQfreemem(row); }
};

class CopyOut {
 public:
  CopyOut(Connection& connection, const CopyOutOptions& options, const RowSink& sink)
      : connection_(connection), options_(options), sink_(sink) {}

  Result<CopyTotals> run(const std::string& statement) {
    TRY(start(statement));
    TRY(read_rows());
    TRY(hand_on());
    TRY(end());
    return totals_;
  }

 private:
  Millis patience() { return connection_.clock().steady() + options_.silence; }

  Status start(const std::string& statement) {
    TRY(connection_.send(statement, {}));
    TRY(connection_.flush(patience()));
    const Connection::ResultHandle result = TRY(connection_.next_result(patience()));
    if (result != nullptr && PQresultStatus(result.get()) == PGRES_COPY_OUT) return Done{};
    if (result != nullptr && PQresultStatus(result.get()) == PGRES_FATAL_ERROR)
      return connection_.failure(result.get());
    return Error{ErrorKind::invalid_input, "the statement is no COPY TO STDOUT"};
  }

  Status read_rows() {
    for (;;) {
      char* bytes = nullptr;
      const int length = PQgetCopyData(connection_.handle(), &bytes, /*async=*/1);
      const std::unique_ptr<char, FreeRow> row(bytes);
      if (length == -1) return Done{};  // all rows, or an error: end() tells
      if (length == -2) return connection_.failure();
      if (length == 0) {
        TRY(connection_.wait_for(Connection::Wait::read, patience()));
        if (PQconsumeInput(connection_.handle()) == 0) return connection_.failure();
        continue;
      }
      TRY(add(std::string_view(bytes, static_cast<std::size_t>(length))));
    }
  }

  // The protocol has one row in a message.
  Status add(std::string_view row) {
    if (row.back() != '\n')
      return Error{ErrorKind::corrupt,
                   fmt::format("{} sent a row without its end", connection_.name())};
    block_ += row;
    ++block_rows_;
    if (block_.size() < options_.block_bytes) return Done{};
    return hand_on();
  }

  Status hand_on() {
    if (block_rows_ == 0) return Done{};
    TRY(connection_.go_on());
    TRY(sink_(RowBlock{.bytes = block_, .rows = block_rows_}));
    totals_.rows += block_rows_;
    totals_.bytes += static_cast<std::int64_t>(block_.size());
    block_.clear();
    block_rows_ = 0;
    return Done{};
  }

  Status end() {
    std::optional<Error> error;
    bool complete = false;
    for (;;) {
      const Connection::ResultHandle result = TRY(connection_.next_result(patience()));
      if (result == nullptr) break;
      if (PQresultStatus(result.get()) == PGRES_COMMAND_OK) {
        const std::string_view tag = PQcmdTuples(result.get());
        std::int64_t counted = -1;
        std::from_chars(tag.data(), tag.data() + tag.size(), counted);
        complete = counted == totals_.rows;
      } else if (!error) {
        error = connection_.failure(result.get());
      }
    }
    if (error) return *std::move(error);
    if (complete) return Done{};
    return Error{ErrorKind::corrupt, fmt::format("{} sent {} rows, and counts another number",
                                                 connection_.name(), totals_.rows)};
  }

  Connection& connection_;
  const CopyOutOptions& options_;
  const RowSink& sink_;
  Bytes block_;
  std::int64_t block_rows_ = 0;
  CopyTotals totals_;
};

}  // namespace

Result<CopyTotals> copy_out(Connection& connection, const std::string& statement,
                            const CopyOutOptions& options, const RowSink& sink) {
  Result<CopyTotals> totals = CopyOut(connection, options, sink).run(statement);
  if (!totals) connection.cancel_if_busy();
  return totals;
}

}  // namespace tidemark::postgres
