// One moment of a database, which several sessions see alike.
#pragma once

#include <string>

#include "postgres/conn/connection.h"

namespace tidemark::postgres {

// Holds the moment open: as long as it lives, others may join, and the server keeps the rows.
class ExportedSnapshot {
 public:
  // Takes the connection, which must have nothing under way.
  static Result<ExportedSnapshot> take(Connection connection);

  const std::string& id() const { return id_; }
  TimePoint moment() const { return moment_; }  // by the server's clock
  Connection& connection() { return connection_; }

  // Begins a transaction in which the other session sees this moment.
  Status join(Connection& other) const;

 private:
  ExportedSnapshot(Connection connection, std::string id, TimePoint moment)
      : connection_(std::move(connection)), id_(std::move(id)), moment_(moment) {}

  Connection connection_;
  std::string id_;
  TimePoint moment_;
};

}  // namespace tidemark::postgres
