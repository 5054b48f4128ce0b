// PostgreSQL's own client programs, as child processes: pg_dump for definitions, pg_restore to make
// them again.
//
// The password goes by the child's environment, never by its arguments.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "postgres/conn/options.h"

namespace tidemark::postgres {

// The path of a program ("pg_dump") that is not older than the server, the nearest major first, as
// Debian lays them out. Fails with unsupported, naming what is there and what to install.
Result<std::string> find_client_program(const std::string& name, int server_version);

// Definitions of a database as of an exported snapshot: a file in pg_dump's custom format.
Result<Bytes> dump_definitions(const ConnectionOptions& options, const std::string& snapshot,
                               int server_version, Clock& clock, const StopSignal& stop);

enum class Section {
  before_rows,  // types, functions, tables
  after_rows,   // indexes, constraints, triggers
};

struct DefinitionOptions {
  Section section = Section::before_rows;
  bool owners = true;
  bool privileges = true;
  int jobs = 1;
};

// Makes the definitions of such a file again. Those before the rows in one transaction: all or
// none. Fails with rejected and the program's first words.
Status restore_definitions(const ConnectionOptions& options, const std::string& file,
                           int server_version, const DefinitionOptions& how, Clock& clock,
                           const StopSignal& stop);

}  // namespace tidemark::postgres
