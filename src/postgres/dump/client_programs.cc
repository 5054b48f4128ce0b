#include "postgres/dump/client_programs.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>

#include <fmt/format.h>

#include "base/memory_file.h"
#include "base/remote_text.h"
#include "postgres/conn/libpq_words.h"

namespace tidemark::postgres {
namespace {

constexpr int kMajor = 10'000;  // of a version number

Error too_old(const ClientPrograms& newest, int server_major) {
  return Error{ErrorKind::unsupported,
               fmt::format("the server is PostgreSQL {}, and the client programs in {} are {}",
                           server_major, newest.folder, newest.major),
               fmt::format("install postgresql-client-{}", server_major)};
}

// A line of a password file: each field ends at a colon, so colons and backslashes are quoted.
Result<std::string> password_line(const Secret& password) {
  std::string line = "*:*:*:*:";
  for (const char c : password.reveal()) {
    if (c == '\n' || c == '\r' || c == '\0')
      return Error{ErrorKind::invalid_input,
                   "a password with a line end cannot be given to PostgreSQL's programs"};
    if (c == ':' || c == '\\') line += '\\';
    line += c;
  }
  return line + "\n";
}

// A connection string, because a bare name with "=" in it would be read as one.
std::string database_argument(const std::string& database) {
  std::string argument = "--dbname=dbname='";
  for (const char c : database) {
    if (c == '\'' || c == '\\') argument += '\\';
    argument += c;
  }
  return argument + "'";
}

// Every variable that libpq would fill from a file of the user's, besides those we mean.
std::map<std::string, std::string> environment_of(const ConnectionOptions& connection) {
  const std::string no_file(kNoFile);
  std::map<std::string, std::string> environment{
      {"PATH", "/usr/bin:/bin"},
      {"LC_ALL", "C.UTF-8"},
      {"HOME", no_file},
      {"PGSSLMODE", std::string(word_of(connection.ssl_mode))},
      {"PGSSLROOTCERT", connection.ssl_root_cert.empty() ? std::string(kSystemCertificates)
                                                         : connection.ssl_root_cert},
      {"PGSSLCERT", no_file},
      {"PGSSLCRL", no_file},
      {"PGGSSENCMODE", "disable"},
      {"PGAPPNAME", connection.application_name},
      {"PGPASSFILE", "/dev/fd/3"},
      {"PGCONNECT_TIMEOUT",
       std::to_string(std::chrono::ceil<Seconds>(connection.connect_deadline).count())},
      // pg_dump sets these itself; its first words to the server come before.
      {"PGOPTIONS", "-c search_path= -c statement_timeout=0"},
  };
  if (!connection.hostaddr.empty()) environment["PGHOSTADDR"] = connection.hostaddr;
  return environment;
}

bool says(std::string_view text, std::string_view words) {
  return text.find(words) != std::string_view::npos;
}

// The first line that is an error, because what follows is often only its context.
std::string_view error_line(std::string_view output) {
  std::string_view first = output.substr(0, output.find('\n'));
  while (!output.empty()) {
    const std::string_view line = output.substr(0, output.find('\n'));
    if (says(line, "error:")) return line;
    output.remove_prefix(std::min(output.size(), line.size() + 1));
  }
  return first;
}

ErrorKind kind_of(std::string_view line) {
  if (says(line, "permission denied") || says(line, "row-level security")) return ErrorKind::denied;
  if (says(line, "server version") || says(line, "in file header")) return ErrorKind::unsupported;
  if (says(line, "connection to server")) return ErrorKind::unavailable;
  return ErrorKind::rejected;
}

// By their major version.
std::map<int, ClientPrograms> installed_programs(const std::string& root) {
  std::map<int, ClientPrograms> found;
  std::error_code problem;
  for (std::filesystem::directory_iterator folder(root, problem), end; !problem && folder != end;
       folder.increment(problem)) {
    const std::string name = folder->path().filename().string();
    int major = 0;
    const auto [stop, error] = std::from_chars(name.data(), name.data() + name.size(), major);
    const std::filesystem::path programs = folder->path() / "bin";
    std::error_code ignored;
    if (error == std::errc() && stop == name.data() + name.size() &&
        std::filesystem::exists(programs / "pg_dump", ignored))
      found[major] = ClientPrograms{.folder = programs.string(), .major = major};
  }
  return found;
}

Error none_installed(int wanted, const std::string& root) {
  return Error{ErrorKind::not_found, fmt::format("there are no client programs in {}", root),
               fmt::format("install postgresql-client-{}, or name the folder of pg_dump", wanted)};
}

std::string hint_of(std::string_view line) {
  if (says(line, "out of shared memory"))
    return "raise max_locks_per_transaction on the server: each of the tables is locked";
  return "";
}

}  // namespace

Result<ClientPrograms> find_client_programs(int server_version, const std::string& root) {
  const int wanted = server_version / kMajor;
  const auto found = installed_programs(root);
  const auto fitting = found.lower_bound(wanted);
  if (fitting != found.end()) return fitting->second;
  if (!found.empty()) return too_old(found.rbegin()->second, wanted);
  return none_installed(wanted, root);
}

Result<ClientPrograms> find_restore_programs(int server_version, const std::string& root) {
  const int wanted = server_version / kMajor;
  const auto found = installed_programs(root);
  if (found.empty()) return none_installed(wanted, root);
  const auto fitting = found.lower_bound(wanted);
  return fitting != found.end() ? fitting->second : found.rbegin()->second;
}

Result<ClientPrograms> client_programs_in(const std::string& folder, int server_version,
                                          Clock& clock, const StopSignal& stop) {
  // "pg_dump (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)"
  constexpr std::string_view kBefore = "(PostgreSQL) ";
  const ProcessOutcome outcome =
      TRY(run_process({.argv = {folder + "/pg_dump", "--version"}}, clock, stop));
  ClientPrograms programs{.folder = folder};
  const std::size_t at = outcome.output.find(kBefore);
  if (outcome.exit_code == 0 && at != std::string::npos)
    std::from_chars(outcome.output.data() + at + kBefore.size(),
                    outcome.output.data() + outcome.output.size(), programs.major);
  if (programs.major == 0)
    return Error{ErrorKind::invalid_input, fmt::format("{}/pg_dump is not PostgreSQL's", folder)};
  if (programs.major < server_version / kMajor) return too_old(programs, server_version / kMajor);
  return programs;
}

Result<std::string> run_client(const ClientPrograms& programs, const ConnectionOptions& connection,
                               const ClientRun& run, Clock& clock, const StopSignal& stop) {
  const Secret password = TRY(current_password(connection));
  const Secret line(TRY(password_line(password)));
  const Fd password_file = TRY(sealed_file(line.reveal()));
  ProcessOptions options;
  options.argv = {programs.folder + "/" + run.program, "--no-password",
                  "--host=" + connection.host,         fmt::format("--port={}", connection.port),
                  "--username=" + connection.user,     database_argument(connection.database)};
  options.argv.insert(options.argv.end(), run.arguments.begin(), run.arguments.end());
  options.environment = environment_of(connection);
  options.descriptors = {password_file.get()};
  options.descriptors.insert(options.descriptors.end(), run.descriptors.begin(),
                             run.descriptors.end());
  options.deadline = run.deadline;
  options.output_bytes_max = run.output_bytes_max;
  options.while_it_runs = run.while_it_runs;
  ProcessOutcome outcome = TRY(run_process(options, clock, stop));
  if (outcome.exit_code == 0) return std::move(outcome.output);
  const std::string_view said = error_line(outcome.error_output);
  return Error{
      kind_of(said),
      fmt::format("{} ended with {}: {}", run.program, outcome.exit_code, clean_remote_text(said)),
      hint_of(said)};
}

}  // namespace tidemark::postgres
