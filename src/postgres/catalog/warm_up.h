// Reading every table once.
//
// A volume that RDS made from a snapshot fetches each block when it is first touched, which makes
// the first hours slow. This touches them all: through pg_prewarm where a database has it, else by
// scanning, which needs no more than SELECT. Scans detoast large values too; indexes are read only
// through pg_prewarm.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "postgres/conn/connection.h"

namespace tidemark::postgres {

struct WarmUpOptions {
  int lanes = 2;         // connections that read at a time
  bool indexes = false;  // where pg_prewarm is installed
};

struct WarmUpProgress {
  std::string database;
  std::string table;  // the one just touched
  std::int64_t pages_done = 0;
  std::int64_t pages_total = 0;
};

struct WarmUpOutcome {
  std::int64_t pages = 0;
  std::vector<std::string> skipped;  // "database shop: public.t: permission denied ..."
};

// Called once a piece, by one thread at a time.
using WarmUpListener = std::function<void(const WarmUpProgress&)>;

// Fails when the server does. A table that we may not read is skipped and named.
Result<WarmUpOutcome> warm_up(const ConnectionOptions& connection, const WarmUpOptions& options,
                              const WarmUpListener& listener, Clock& clock, const StopSignal& stop);

}  // namespace tidemark::postgres
