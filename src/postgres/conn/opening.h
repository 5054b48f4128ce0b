// Opening: one attempt to connect to one address, step by step.
#pragma once

#include <string>
#include <vector>

#include "postgres/conn/connection.h"

namespace tidemark::postgres {

// For Connection::open and answers_over_tls. Borrows the clock and the stop signal.
class Opening {
 public:
  Opening(ConnectionOptions options, Clock& clock, const StopSignal& stop)
      : options_(std::move(options)), clock_(clock), stop_(stop) {}

  // Tries each address of the host until one answers. The addresses share the deadline.
  Result<Connection> connect();

  // Whether the last attempt came as far as asking for the user, past the TLS handshake; and what
  // the server showed there (certificate_digest).
  bool answered() const { return answered_; }
  const std::string& certificate() const { return certificate_; }

 private:
  Result<std::vector<std::string>> addresses() const;
  Result<Connection> connect_to(const std::string& address, Millis end);
  Status poll_until_connected(Connection& connection, Millis end);

  ConnectionOptions options_;  // with the password of now
  Clock& clock_;
  const StopSignal& stop_;
  bool answered_ = false;
  std::string certificate_;
};

}  // namespace tidemark::postgres
