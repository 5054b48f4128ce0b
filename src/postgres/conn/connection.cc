#include "postgres/conn/connection.h"

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>
#include <libpq-fe.h>
#include <poll.h>

#include "base/remote_text.h"
#include "postgres/conn/certificate.h"
#include "postgres/conn/sqlstate.h"

namespace tidemark::postgres {
namespace {

constexpr Millis kCancelPatience{5'000};  // for the server to end a cancelled statement

// Of these only what the server knows is set: the last two are younger than others. A database of
// encoding SQL_ASCII holds bytes of any kind, which nothing can convert.
constexpr const char* kSettle = R"(
SELECT pg_catalog.set_config(s.name, v.value, false)
FROM (VALUES ('search_path', ''), ('datestyle', 'ISO, YMD'),
             ('client_encoding',
              CASE pg_catalog.current_setting('server_encoding')
                WHEN 'SQL_ASCII' THEN 'SQL_ASCII' ELSE 'UTF8' END),
             ('intervalstyle', 'postgres'), ('timezone', 'UTC'), ('extra_float_digits', '3'),
             ('bytea_output', 'hex'), ('standard_conforming_strings', 'on'),
             ('client_min_messages', 'warning'), ('statement_timeout', '0'),
             ('lock_timeout', '10s'), ('idle_in_transaction_session_timeout', '0'),
             ('synchronize_seqscans', 'off'), ('default_transaction_read_only', $1),
             ('idle_session_timeout', '0'), ('transaction_timeout', '0')) AS v(name, value)
JOIN pg_catalog.pg_settings AS s ON pg_catalog.lower(s.name) = v.name)";

std::string_view field(const PGresult* result, int which) {
  const char* const text = PQresultErrorField(result, which);
  return text == nullptr ? std::string_view() : text;
}

Row row_of(const PGresult* result, int index) {
  Row row(static_cast<std::size_t>(PQnfields(result)));
  for (int column = 0; column < PQnfields(result); ++column)
    if (PQgetisnull(result, index, column) == 0)
      row[static_cast<std::size_t>(column)].emplace(
          PQgetvalue(result, index, column),
          static_cast<std::size_t>(PQgetlength(result, index, column)));
  return row;
}

std::size_t bytes_of(const Row& row) {
  std::size_t bytes = sizeof(Row);
  for (const Value& value : row) bytes += sizeof(Value) + (value ? value->size() : 0);
  return bytes;
}

// Reads on without waiting. True when the statement has no result left.
bool discard_results(PGconn* connection) {
  for (;;) {
    char* row = nullptr;
    const int copied = PQgetCopyData(connection, &row, 1);  // -2 when no COPY is going on
    PQfreemem(row);
    if (copied > 0) continue;
    if (copied == 0 || PQisBusy(connection) != 0) return false;
    PGresult* const result = PQgetResult(connection);
    PQclear(result);
    if (result == nullptr) return true;
  }
}

}  // namespace

void Connection::FreeConnection::operator()(pg_conn* connection) const { PQfinish(connection); }
void Connection::FreeResult::operator()(pg_result* result) const { PQclear(result); }

int Connection::server_version() const {
  return handle_ == nullptr ? 0 : PQserverVersion(handle_.get());
}

std::string Connection::certificate() const {
  return handle_ == nullptr ? std::string() : certificate_digest(handle_.get());
}

Status Connection::settle(const ConnectionOptions& options, Millis deadline) {
  TRY(query(kSettle, {options.read_only ? "on" : "off"}, deadline));
  return Done{};
}

Result<Rows> Connection::query(const std::string& sql, const Parameters& parameters,
                               Millis deadline) {
  const Millis end = clock_->steady() + deadline;
  TRY(send(sql, parameters));
  PQsetSingleRowMode(handle_.get());
  Status flushed = flush(end);
  Result<Rows> rows = flushed ? read_rows(end) : Result<Rows>(std::move(flushed).error());
  if (!rows) cancel_if_busy();
  return rows;
}

Result<std::string> Connection::query_value(const std::string& sql, const Parameters& parameters,
                                            Millis deadline) {
  Rows answer = TRY(query(sql, parameters, deadline));
  if (answer.rows.size() != 1 || answer.rows[0].size() != 1 || !answer.rows[0][0])
    return Error{ErrorKind::corrupt, fmt::format("{} gave no value where there is one", name_)};
  return *std::move(answer.rows[0][0]);
}

Result<Rows> Connection::read_rows(Millis end) {
  Rows answer;
  std::optional<Error> error;
  std::size_t bytes = 0;
  for (;;) {
    const ResultHandle result = TRY(next_result(end));
    if (result == nullptr) break;
    const ExecStatusType status = PQresultStatus(result.get());
    if (status == PGRES_SINGLE_TUPLE || status == PGRES_TUPLES_OK) {
      if (answer.columns.empty())
        for (int column = 0; column < PQnfields(result.get()); ++column)
          answer.columns.emplace_back(PQfname(result.get(), column));
      for (int i = 0; i < PQntuples(result.get()); ++i) {
        answer.rows.push_back(row_of(result.get(), i));
        bytes += bytes_of(answer.rows.back());
      }
      if (bytes > kAnswerBytesMax)
        return Error{ErrorKind::exhausted, fmt::format("{} gave more than {} bytes for an answer",
                                                       name_, kAnswerBytesMax)};
    } else if (status == PGRES_COPY_OUT || status == PGRES_COPY_IN || status == PGRES_COPY_BOTH) {
      return Error{ErrorKind::invalid_input, "COPY is no query"};
    } else if (status != PGRES_COMMAND_OK && !error) {
      error = failure(result.get());  // and on to the end, so that the connection stays usable
    }
  }
  if (error) return *std::move(error);
  return answer;
}

Status Connection::send(const std::string& sql, const Parameters& parameters) {
  if (lost())
    return Error{ErrorKind::unavailable, fmt::format("{}: the connection is closed", name_)};
  std::vector<const char*> values;
  for (const Value& value : parameters) {
    if (value && value->find('\0') != std::string::npos)
      return Error{ErrorKind::invalid_input,
                   "a text with a zero byte cannot be sent to PostgreSQL"};
    values.push_back(value ? value->c_str() : nullptr);
  }
  if (PQsendQueryParams(handle_.get(), sql.c_str(), static_cast<int>(values.size()), nullptr,
                        values.data(), nullptr, nullptr, 0) == 0)
    return failure();
  return Done{};
}

Status Connection::wait_for(Wait what, Millis end) {
  for (;;) {
    TRY(go_on());
    const Millis left = end - clock_->steady();
    if (left <= Millis::zero())
      return Error{ErrorKind::timed_out, fmt::format("{} did not answer in time", name_)};
    const short events = what == Wait::read ? POLLIN : POLLOUT;
    pollfd wakes[2] = {{PQsocket(handle_.get()), events, 0}, {stop_->fd(), POLLIN, 0}};
    constexpr Millis kPollMax{1'000};  // so that a clock that is not the machine's is heard
    const int woken = ::poll(wakes, 2, static_cast<int>(std::min(left, kPollMax).count()));
    CHECK(woken >= 0 || errno == EINTR);
    if (woken > 0 && wakes[0].revents != 0) return Done{};
  }
}

Status Connection::flush(Millis end) {
  for (;;) {
    const int left = PQflush(handle_.get());
    if (left == 0) return Done{};
    if (left < 0) return failure();
    // The server may be waiting for us to read before it reads on.
    TRY(wait_for(Wait::write, end));
    if (PQconsumeInput(handle_.get()) == 0) return failure();
  }
}

Result<Connection::ResultHandle> Connection::next_result(Millis end) {
  while (PQisBusy(handle_.get()) != 0) {
    TRY(wait_for(Wait::read, end));
    if (PQconsumeInput(handle_.get()) == 0) return failure();
  }
  ResultHandle result(PQgetResult(handle_.get()));
  if (PQstatus(handle_.get()) == CONNECTION_BAD)
    return result == nullptr || field(result.get(), PG_DIAG_SQLSTATE).empty()
               ? failure()
               : failure(result.get());
  return result;
}

Status Connection::go_on() const {
  if (stop_->requested()) return stopped();
  return Done{};
}

void Connection::cancel_if_busy() {
  if (lost() || PQtransactionStatus(handle_.get()) != PQTRANS_ACTIVE) return;
  char text[256];
  if (PGcancel* const request = PQgetCancel(handle_.get())) {
    // What it says does not matter: either the statement ends below, or the connection does.
    [[maybe_unused]] const int sent = PQcancel(request, text, sizeof text);
    PQfreeCancel(request);
  }
  const Millis end = clock_->steady() + kCancelPatience;
  while (clock_->steady() < end && PQflush(handle_.get()) >= 0 &&
         PQconsumeInput(handle_.get()) != 0) {
    if (discard_results(handle_.get())) return;
    pollfd wake{PQsocket(handle_.get()), POLLIN, 0};
    ::poll(&wake, 1, 100);
  }
  handle_.reset();
}

Error Connection::failure() {
  Error error{ErrorKind::unavailable,
              fmt::format("{}: the connection was lost: {}", name_,
                          clean_remote_text(PQerrorMessage(handle_.get())))};
  handle_.reset();
  return error;
}

Error Connection::failure(const pg_result* result) const {
  const std::string_view sqlstate = field(result, PG_DIAG_SQLSTATE);
  const std::string_view primary = field(result, PG_DIAG_MESSAGE_PRIMARY);
  return Error{
      sqlstate.empty() ? ErrorKind::unavailable : kind_of_sqlstate(sqlstate),
      fmt::format("{}: {}", name_,
                  clean_remote_text(primary.empty() ? PQresultErrorMessage(result) : primary)),
      clean_remote_text(field(result, PG_DIAG_MESSAGE_HINT)), std::string(sqlstate)};
}

}  // namespace tidemark::postgres
