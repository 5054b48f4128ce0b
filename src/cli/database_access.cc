#include "cli/database_access.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/log.h"
#include "base/process.h"
#include "postgres/conn/connection_text.h"

namespace tidemark::cli {
namespace {

constexpr std::size_t kPasswordFileBytesMax = 4096;
constexpr std::uint16_t kPostgresPort = 5432;
constexpr std::string_view kFallbackDatabase = "postgres";

Result<Secret> first_line(std::string text, const std::string& origin) {
  text = text.substr(0, text.find_first_of("\r\n"));
  if (text.empty())
    return Error{ErrorKind::invalid_input, fmt::format("{} gives no password", origin)};
  Secret secret(std::move(text));
  log::redact(secret);
  return secret;
}

std::string ca_bundle_of(const Context& context, const config::Database& database) {
  if (!database.ca_bundle.empty()) return database.ca_bundle;
  const auto variable = context.environment.find("PGSSLROOTCERT");
  return variable == context.environment.end() ? "" : variable->second;
}

}  // namespace

std::uint16_t port_of(const core::InstanceSettings& settings) {
  return static_cast<std::uint16_t>(settings.port.value_or(kPostgresPort));
}

Result<Secret> read_password(const Context& context, const config::Database& database) {
  if (!database.password_file.empty()) return read_password_file(database.password_file);
  if (database.password_command.empty()) return Secret();
  const ProcessOptions options{.argv = database.password_command,
                               .environment = context.environment};
  const std::string& name = database.password_command.front();
  ProcessOutcome outcome = TRY(run_process(options, context.clock, context.stop));
  if (outcome.exit_code != 0)
    return Error{ErrorKind::denied,
                 fmt::format("password_command {} ended with {}", name, outcome.exit_code)};
  return first_line(std::move(outcome.output), "password_command " + name);
}

Result<postgres::ConnectionOptions> connection_of_argument(const Context& context,
                                                           const std::string& text) {
  // Without the environment, so that what is there stands in the text.
  if (const auto alone = postgres::parse_connection_text(text, {});
      alone && !alone->password.empty())
    log::warning(
        "the password in the URL is shown to everybody on this machine by ps, and stays in the "
        "shell's history; a source of the configuration takes password_file, and a URL "
        "PGPASSFILE, ~/.pgpass or a service file");
  return postgres::parse_connection_text(text, context.environment);
}

void warn_if_others_read(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) && (info.st_mode & 077) != 0)
    log::warning(fmt::format("{} can be read by others than its owner: chmod 600 it", path));
}

Result<Secret> read_password_file(const std::string& path) {
  warn_if_others_read(path);
  return first_line(TRY(read_file(path, kPasswordFileBytesMax)), path);
}

Result<postgres::ConnectionOptions> database_options(const Context& context,
                                                     const config::Source& source,
                                                     const std::string& address,
                                                     const core::InstanceSettings& settings) {
  const config::Database database = source.database.value_or(config::Database{});
  postgres::ConnectionOptions options;
  options.host = address;
  options.port = port_of(settings);
  options.user = database.user.empty() ? settings.master_username : database.user;
  options.database = !database.name.empty()            ? database.name
                     : !settings.database_name.empty() ? settings.database_name
                                                       : std::string(kFallbackDatabase);
  options.password = TRY(read_password(context, database));
  options.ssl_root_cert = ca_bundle_of(context, database);
  return options;
}

}  // namespace tidemark::cli
