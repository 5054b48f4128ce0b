#include "cli/hook_environment.h"

#include <algorithm>

#include <fmt/format.h>

namespace tidemark::cli {
namespace {

constexpr std::string_view kPassedOn[] = {"PATH", "HOME",     "USER", "LOGNAME",
                                          "LANG", "LANGUAGE", "TZ",   "TMPDIR"};

bool is_passed_on(std::string_view name) {
  return name.starts_with("LC_") ||
         std::find(std::begin(kPassedOn), std::end(kPassedOn), name) != std::end(kPassedOn);
}

}  // namespace

config::Environment hook_environment(const config::Environment& ours, const HookFacts& facts) {
  config::Environment environment;
  for (const auto& [name, value] : ours)
    if (is_passed_on(name)) environment[name] = value;
  const postgres::ConnectionOptions& connection = facts.connection;
  const std::string port = fmt::format("{}", connection.port);
  environment["TIDEMARK_SOURCE"] = facts.source;
  environment["TIDEMARK_INSTANCE"] = facts.instance;
  environment["TIDEMARK_RESTORED_FROM"] = facts.restored_from;
  environment["TIDEMARK_HOST"] = environment["PGHOST"] = connection.host;
  environment["TIDEMARK_PORT"] = environment["PGPORT"] = port;
  environment["PGUSER"] = connection.user;
  environment["PGDATABASE"] = connection.database;
  environment["PGSSLMODE"] = "verify-full";
  if (!connection.ssl_root_cert.empty()) environment["PGSSLROOTCERT"] = connection.ssl_root_cert;
  return environment;
}

}  // namespace tidemark::cli
