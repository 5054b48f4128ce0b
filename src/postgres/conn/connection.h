// Connection: one session with a PostgreSQL server, owned.
//
// Every wait has a deadline and ends when the process shall stop. Statements go with their
// parameters apart (the extended protocol), so no value can become SQL and no text can hold a
// second statement. Each session begins with the same settings: an empty search_path, so that
// nobody's object can stand in for another; UTF-8; one output format for dates, numbers and bytes,
// whatever the role or the database prefers; no time-out that could end a long read; and read-only
// unless asked.
//
// A message of the server is stripped of control bytes, and its SQLSTATE is the error's code. Kinds
// are those of kind_of_sqlstate; besides, unavailable when the server cannot be reached or the
// connection was lost, denied when the password or the certificate is wrong.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "postgres/conn/options.h"

struct pg_conn;    // libpq's
struct pg_result;  // libpq's

namespace tidemark::postgres {

using Value = std::optional<std::string>;  // nullopt is NULL
using Parameters = std::vector<Value>;
using Row = std::vector<Value>;

struct Rows {
  std::vector<std::string> columns;
  std::vector<Row> rows;
};

// What query() holds at most; an answer that is larger fails with exhausted. Big data go by COPY.
inline constexpr std::size_t kAnswerBytesMax = 256 << 20;

// For questions to the catalog.
inline constexpr Millis kQuestionDeadline{60'000};

// Not thread-safe. Borrows the clock and the stop signal.
class Connection {
 public:
  static Result<Connection> open(const ConnectionOptions& options, Clock& clock,
                                 const StopSignal& stop);

  // Runs one statement. At the deadline, or when we shall stop, the server is asked to cancel it
  // and the connection may be lost.
  Result<Rows> query(const std::string& sql, const Parameters& parameters = {},
                     Millis deadline = kQuestionDeadline);

  // The one value of the one row, which must be there and not NULL.
  Result<std::string> query_value(const std::string& sql, const Parameters& parameters = {},
                                  Millis deadline = kQuestionDeadline);

  int server_version() const;  // 150020 is 15.20
  bool lost() const { return handle_ == nullptr; }

  // SHA-256 of the server's certificate, in hex; empty without TLS. Each server has its own.
  std::string certificate() const;

  // "database shop at db.example:5432", for messages.
  const std::string& name() const { return name_; }

  // For copy/, which speaks libpq itself. --------------------------------------------------------

  pg_conn* handle() { return handle_.get(); }
  Clock& clock() { return *clock_; }

  enum class Wait { read, write };
  // Until the socket is ready; timed_out once the clock's steady time is `end`, or cancelled.
  Status wait_for(Wait what, Millis end);
  // Sends what is in libpq's buffer.
  Status flush(Millis end);
  // The next result, or null when the statement has none left.
  struct FreeResult {
    void operator()(pg_result* result) const;
  };
  using ResultHandle = std::unique_ptr<pg_result, FreeResult>;
  Result<ResultHandle> next_result(Millis end);
  // Starts a statement; its results are to be read to the end.
  Status send(const std::string& sql, const Parameters& parameters);
  // Fails with cancelled when we shall stop.
  Status go_on() const;
  // If a statement runs, asks the server to cancel it and reads what is left; gives the connection
  // up when that takes long.
  void cancel_if_busy();
  // What went wrong: with the connection, or with this result.
  Error failure();
  Error failure(const pg_result* result) const;

 private:
  struct FreeConnection {
    void operator()(pg_conn* connection) const;
  };
  using Handle = std::unique_ptr<pg_conn, FreeConnection>;

  Connection(Handle handle, std::string name, Clock& clock, const StopSignal& stop)
      : handle_(std::move(handle)), name_(std::move(name)), clock_(&clock), stop_(&stop) {}

  Status settle(const ConnectionOptions& options, Millis deadline);
  Result<Rows> read_rows(Millis end);

  Handle handle_;
  std::string name_;
  Clock* clock_;
  const StopSignal* stop_;

  friend class Opening;
};

// Whether a server answers there, with a valid certificate where the options ask for one: it went
// as far as asking who we are. Gives the SHA-256 of its certificate (Connection::certificate).
// Needs no password. Fails like Connection::open.
Result<std::string> answers_over_tls(ConnectionOptions options, Clock& clock,
                                     const StopSignal& stop);

}  // namespace tidemark::postgres
