#include "postgres/copy/copy_in.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <libpq-fe.h>

#include "base/remote_text.h"

namespace tidemark::postgres {
namespace {

constexpr std::size_t kPieceBytes = 64 << 10;  // what libpq holds at a time

// "COPY orders, line 3, column id: "x"" without the value, which may be a secret.
std::string place_of(const PGresult* result) {
  const char* const context = PQresultErrorField(result, PG_DIAG_CONTEXT);
  if (context == nullptr) return {};
  std::string_view line = context;
  line = line.substr(0, line.find('\n'));
  const std::size_t number = line.rfind(", line ");
  if (number == std::string_view::npos) return clean_remote_text(line.substr(0, line.find(": \"")));
  return clean_remote_text(line.substr(0, line.find(": \"", number)));
}

}  // namespace

CopyIn::CopyIn(CopyIn&& other) noexcept
    : connection_(std::exchange(other.connection_, nullptr)), silence_(other.silence_) {}

CopyIn::~CopyIn() { abort("given up"); }

Result<CopyIn> CopyIn::begin(Connection& connection, const std::string& statement, Millis silence) {
  const Millis end = connection.clock().steady() + silence;
  TRY(connection.send(statement, {}));
  const Status flushed = connection.flush(end);
  Result<Connection::ResultHandle> result =
      flushed ? connection.next_result(end)
              : Result<Connection::ResultHandle>(Error(flushed.error()));
  if (result && *result != nullptr && PQresultStatus(result->get()) == PGRES_COPY_IN)
    return CopyIn(connection, silence);
  Error error{ErrorKind::invalid_input, "the statement is no COPY FROM STDIN"};
  if (!result)
    error = result.error();
  else if (*result != nullptr && PQresultStatus(result->get()) == PGRES_FATAL_ERROR)
    error = connection.failure(result->get());
  connection.cancel_if_busy();
  return error;
}

Status CopyIn::write(ByteView bytes) {
  CHECK(connection_ != nullptr);
  while (!bytes.empty()) {
    const ByteView piece = bytes.substr(0, kPieceBytes);
    const int taken =
        PQputCopyData(connection_->handle(), piece.data(), static_cast<int>(piece.size()));
    if (taken < 0) return std::exchange(connection_, nullptr)->failure();
    if (taken > 0) bytes.remove_prefix(piece.size());
    Status flushed = connection_->flush(connection_->clock().steady() + silence_);
    if (!flushed) {
      if (connection_->lost()) connection_ = nullptr;
      return flushed;
    }
    TRY(connection_->go_on());
  }
  return Done{};
}

Status CopyIn::end_data(const char* reason) {
  const Millis end = connection_->clock().steady() + silence_;
  for (;;) {
    const int taken = PQputCopyEnd(connection_->handle(), reason);
    if (taken < 0) return connection_->failure();
    TRY(connection_->flush(end));
    if (taken > 0) return Done{};
  }
}

Result<std::int64_t> CopyIn::finish() {
  CHECK(connection_ != nullptr);
  TRY(end_data(nullptr));
  Connection& connection = *std::exchange(connection_, nullptr);
  std::optional<Error> error;
  std::int64_t rows = -1;
  for (;;) {
    Result<Connection::ResultHandle> result =
        connection.next_result(connection.clock().steady() + silence_);
    if (!result) {
      connection.cancel_if_busy();
      return std::move(result).error();
    }
    const PGresult* const one = result->get();
    if (one == nullptr) break;
    if (PQresultStatus(one) == PGRES_COMMAND_OK) {
      const std::string_view tag = PQcmdTuples(const_cast<PGresult*>(one));
      std::from_chars(tag.data(), tag.data() + tag.size(), rows);
    } else if (!error) {
      error = connection.failure(one);
      if (const std::string place = place_of(one); !place.empty())
        error->message += fmt::format(" ({})", place);
    }
  }
  if (error) return *std::move(error);
  if (rows < 0)
    return Error{ErrorKind::corrupt,
                 fmt::format("{} did not say that it stored the rows", connection.name())};
  return rows;
}

void CopyIn::abort(const std::string& reason) {
  if (connection_ == nullptr) return;
  Connection& connection = *std::exchange(connection_, nullptr);
  if (connection.lost()) return;
  // The server drops the rows when it gets this, and when it loses us instead.
  if (PQputCopyEnd(connection.handle(), reason.c_str()) < 0)
    discard(Status(connection.failure()), "the rows are gone with the connection");
  connection.cancel_if_busy();
}

}  // namespace tidemark::postgres
