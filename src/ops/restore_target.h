// The database that an archive is restored into.
#pragma once

#include <optional>
#include <string>

#include "postgres/conn/connection.h"
#include "postgres/dump/custom_archive.h"

namespace tidemark::ops {

// Makes the database that `connection` names, with the encoding and the locale of the archive's.
// Fails with already_exists.
Status create_database(const postgres::ConnectionOptions& connection,
                       const postgres::CustomArchive& archive, Clock& clock,
                       const StopSignal& stop);

// Fails with unsafe when the database holds anything of its users': a table, a view, a sequence, a
// type or a function. schema: only what is in this one counts.
Status require_empty(postgres::Connection& connection, const std::optional<std::string>& schema);

}  // namespace tidemark::ops
