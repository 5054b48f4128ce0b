// Rows into a server, as COPY's text format.
//
// All or nothing: only finish() makes the rows count. Whatever ends a CopyIn before takes them
// back, also its destructor.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "postgres/conn/connection.h"

namespace tidemark::postgres {

inline constexpr Millis kCopyInSilence{600'000};  // how long the server may take no bytes

// Borrows the connection, which can do nothing else until the end.
class CopyIn {
 public:
  // Runs `COPY ... FROM STDIN`.
  static Result<CopyIn> begin(Connection& connection, const std::string& statement,
                              Millis silence = kCopyInSilence);

  CopyIn(CopyIn&& other) noexcept;
  CopyIn& operator=(CopyIn&&) = delete;
  ~CopyIn();

  // Rows, cut anywhere. An error of the server shows at finish().
  Status write(ByteView bytes);

  // Succeeds when the server has stored all rows, and says how many.
  Result<std::int64_t> finish();

  // Takes back what was written; the reason is for the server's log.
  void abort(const std::string& reason);

 private:
  CopyIn(Connection& connection, Millis silence) : connection_(&connection), silence_(silence) {}

  Status end_data(const char* reason);

  Connection* connection_;  // null once it has ended
  Millis silence_;
};

}  // namespace tidemark::postgres
