// What a hook finds in its environment: where the restored instance is, and of ours only what a
// program needs to run at all. Never our credentials: it is another program's business, and may be
// another person's.
#pragma once

#include <string>

#include "config/config.h"
#include "postgres/conn/options.h"

namespace tidemark::cli {

struct HookFacts {
  std::string source;
  std::string instance;
  std::string restored_from;
  postgres::ConnectionOptions connection;  // all but the password is told
};

// docs/manual/restoring.md lists the variables.
config::Environment hook_environment(const config::Environment& ours, const HookFacts& facts);

}  // namespace tidemark::cli
