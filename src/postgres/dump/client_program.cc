#include "postgres/dump/client_program.h"

#include <fmt/format.h>
#include <unistd.h>

#include "base/process.h"
#include "base/remote_text.h"

namespace tidemark::postgres {
namespace {

constexpr int kMajorMax = 40;                            // of the versions that are looked for
constexpr int kVersionsAMajor = 10'000;                  // 150020 is 15.20
constexpr std::size_t kDefinitionBytesMax = 512u << 20;  // of a database's definitions
constexpr Millis kDefinitionDeadline = std::chrono::hours(6);
constexpr std::string_view kFolder = "/usr/lib/postgresql";  // Debian's

std::string_view mode_text(SslMode mode) {
  switch (mode) {
    case SslMode::verify_full: return "verify-full";
    case SslMode::verify_ca: return "verify-ca";
    case SslMode::require: return "require";
    case SslMode::disable: break;
  }
  return "disable";
}

// A name with '=' in it would be taken for a connection string, so it is always given as one.
std::string connection_string(const std::string& database) {
  std::string quoted;
  for (const char c : database) {
    if (c == '\\' || c == '\'') quoted += '\\';
    quoted += c;
  }
  return fmt::format("dbname='{}'", quoted);
}

// All that the child knows of the world: it must not find another server, or a file of ours.
std::map<std::string, std::string> environment_of(const ConnectionOptions& options) {
  std::map<std::string, std::string> environment = {
      {"PATH", "/usr/bin:/bin"},
      {"LC_ALL", "C.UTF-8"},
      {"PGHOST", options.host},
      {"PGPORT", fmt::format("{}", options.port)},
      {"PGUSER", options.user},
      {"PGDATABASE", options.database},
      {"PGSSLMODE", std::string(mode_text(options.ssl_mode))},
      {"PGSSLROOTCERT",
       options.ssl_root_cert.empty() ? std::string(kSystemCertificates) : options.ssl_root_cert},
      {"PGPASSFILE", "/dev/null"},
      {"PGCONNECT_TIMEOUT", "30"},
      {"PGAPPNAME", options.application_name}};
  if (!options.hostaddr.empty()) environment["PGHOSTADDR"] = options.hostaddr;
  if (!options.password.empty()) environment["PGPASSWORD"] = std::string(options.password.reveal());
  return environment;
}

Result<std::string> run(const std::vector<std::string>& argv, const ConnectionOptions& options,
                        Clock& clock, const StopSignal& stop) {
  ProcessOutcome outcome = TRY(run_process({.argv = argv,
                                            .environment = environment_of(options),
                                            .deadline = kDefinitionDeadline,
                                            .output_bytes_max = kDefinitionBytesMax},
                                           clock, stop));
  if (outcome.exit_code == 0) return std::move(outcome.output);
  return Error{ErrorKind::rejected,
               fmt::format("{} of database {} ended with {}: {}", argv[0], options.database,
                           outcome.exit_code, clean_remote_text(outcome.error_output))};
}

}  // namespace

Result<std::string> find_client_program(const std::string& name, int server_version) {
  const int major = server_version / kVersionsAMajor;
  for (int candidate = major; candidate <= kMajorMax; ++candidate) {
    std::string path = fmt::format("{}/{}/bin/{}", kFolder, candidate, name);
    if (::access(path.c_str(), X_OK) == 0) return path;
  }
  std::string older = "none";
  for (int candidate = 1; candidate < major; ++candidate)
    if (::access(fmt::format("{}/{}/bin/{}", kFolder, candidate, name).c_str(), X_OK) == 0)
      older = fmt::format("{}", candidate);
  return Error{
      ErrorKind::unsupported,
      fmt::format("the server is PostgreSQL {}, and there is no {} of that version or newer "
                  "({} is the newest here)",
                  major, name, older),
      fmt::format("apt-get install postgresql-client-{}", major)};
}

Result<Bytes> dump_definitions(const ConnectionOptions& options, const std::string& snapshot,
                               int server_version, Clock& clock, const StopSignal& stop) {
  const std::string program = TRY(find_client_program("pg_dump", server_version));
  return run({program, "--format=custom", "--schema-only", "--no-password", "--compress=0",
              "--snapshot=" + snapshot},
             options, clock, stop);
}

Status restore_definitions(const ConnectionOptions& options, const std::string& file,
                           int server_version, const DefinitionOptions& how, Clock& clock,
                           const StopSignal& stop) {
  const std::string program = TRY(find_client_program("pg_restore", server_version));
  const bool before = how.section == Section::before_rows;
  std::vector<std::string> argv = {program, "--no-password", "--exit-on-error",
                                   "--dbname=" + connection_string(options.database),
                                   before ? "--section=pre-data" : "--section=post-data"};
  if (before)
    argv.emplace_back("--single-transaction");
  else
    argv.push_back(fmt::format("--jobs={}", how.jobs));
  if (!how.owners) argv.emplace_back("--no-owner");
  if (!how.privileges) argv.emplace_back("--no-privileges");
  argv.push_back(file);
  TRY(run(argv, options, clock, stop));
  return Done{};
}

}  // namespace tidemark::postgres
