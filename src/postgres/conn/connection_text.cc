#include "postgres/conn/connection_text.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <libpq-fe.h>

#include "base/file.h"
#include "base/remote_text.h"
#include "postgres/conn/libpq_words.h"

namespace tidemark::postgres {
namespace {

constexpr std::size_t kFileBytesMax = 1 << 20;
constexpr const char* kSystemServiceFile = "/etc/postgresql-common/pg_service.conf";

// The settings that we heed, and the variable that each can come from.
constexpr std::pair<std::string_view, const char*> kHeeded[] = {
    {"host", "PGHOST"},
    {"hostaddr", "PGHOSTADDR"},
    {"port", "PGPORT"},
    {"dbname", "PGDATABASE"},
    {"user", "PGUSER"},
    {"password", "PGPASSWORD"},
    {"sslmode", "PGSSLMODE"},
    {"sslrootcert", "PGSSLROOTCERT"},
    {"application_name", "PGAPPNAME"},
    {"connect_timeout", "PGCONNECT_TIMEOUT"},
    {"passfile", "PGPASSFILE"},
    {"service", "PGSERVICE"},
};

using Settings = std::map<std::string, std::string, std::less<>>;

Error invalid(std::string message, std::string hint = {}) {
  return Error{ErrorKind::invalid_input, std::move(message), std::move(hint)};
}

std::string value_in(const Environment& environment, const std::string& name) {
  const auto at = environment.find(name);
  return at == environment.end() ? std::string() : at->second;
}

Status check_heeded(std::string_view keyword) {
  for (const auto& [heeded, variable] : kHeeded)
    if (heeded == keyword) return Done{};
  return invalid(fmt::format("'{}' in a connection is not known here", clean_remote_text(keyword)));
}

Result<Settings> settings_in(const std::string& text) {
  char* message = nullptr;
  PQconninfoOption* const options = PQconninfoParse(text.c_str(), &message);
  if (options == nullptr) {
    // libpq quotes the text, which may hold a password.
    PQfreemem(message);
    return invalid("the connection is neither a postgresql:// URL nor 'key=value' settings",
                   "write it like postgresql://user@host:5432/database");
  }
  Settings settings;
  for (const PQconninfoOption* option = options; option->keyword != nullptr; ++option)
    if (option->val != nullptr && option->val[0] != '\0') settings[option->keyword] = option->val;
  PQconninfoFree(options);
  for (const auto& [keyword, value] : settings) TRY(check_heeded(keyword));
  return settings;
}

// Adds what the service's section says to what is not set yet.
Status add_service(const std::string& service, const Environment& environment, Settings& settings) {
  const std::string named = value_in(environment, "PGSERVICEFILE");
  const std::string own = value_in(environment, "HOME") + "/.pg_service.conf";
  std::error_code ignored;
  const std::string path = !named.empty()                          ? named
                           : std::filesystem::exists(own, ignored) ? own
                                                                   : kSystemServiceFile;
  const std::string content = TRY(read_file(path, kFileBytesMax));
  bool inside = false;
  bool found = false;
  for (std::size_t at = 0; at < content.size();) {
    const std::size_t end = std::min(content.find('\n', at), content.size());
    std::string_view line = std::string_view(content).substr(at, end - at);
    at = end + 1;
    while (!line.empty() && (line.back() == ' ' || line.back() == '\r')) line.remove_suffix(1);
    if (line.empty() || line[0] == '#') continue;
    if (line[0] == '[') {
      inside = line == fmt::format("[{}]", service);
      found = found || inside;
      continue;
    }
    if (!inside) continue;
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos)
      return invalid(fmt::format("{}: service {} has a line without '='", path, service));
    TRY(check_heeded(line.substr(0, equals)));
    settings.emplace(line.substr(0, equals), line.substr(equals + 1));
  }
  if (found) return Done{};
  return Error{ErrorKind::not_found,
               fmt::format("{} has no service '{}'", path, clean_remote_text(service))};
}

Result<std::int64_t> number_of(const Settings& settings, std::string_view keyword,
                               std::int64_t otherwise, std::int64_t most) {
  const auto at = settings.find(keyword);
  if (at == settings.end()) return otherwise;
  const std::string& text = at->second;
  std::int64_t number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && stop == text.data() + text.size() && number >= 1 && number <= most)
    return number;
  return invalid(fmt::format("{} '{}' in a connection is no number from 1 to {}", keyword,
                             clean_remote_text(text), most));
}

Result<SslMode> ssl_mode_of(const std::string& word) {
  for (const SslMode mode :
       {SslMode::verify_full, SslMode::verify_ca, SslMode::require, SslMode::disable})
    if (word == word_of(mode)) return mode;
  return invalid(fmt::format("sslmode '{}' is not one of verify-full, verify-ca, require, disable",
                             clean_remote_text(word)),
                 "sslmode allow and prefer let anybody in between listen");
}

// The first field of a line of a password file; takes it off, with its colon.
std::string take_field(std::string_view& line) {
  std::string field;
  while (!line.empty() && line[0] != ':') {
    if (line[0] == '\\' && line.size() > 1) line.remove_prefix(1);
    field += line[0];
    line.remove_prefix(1);
  }
  if (!line.empty()) line.remove_prefix(1);
  return field;
}

Result<Secret> read_password(const std::string& path, const ConnectionOptions& options) {
  std::error_code problem;
  const std::filesystem::file_status status = std::filesystem::status(path, problem);
  if (!std::filesystem::exists(status)) return Secret();
  constexpr auto kOthers = std::filesystem::perms::group_all | std::filesystem::perms::others_all;
  if ((status.permissions() & kOthers) != std::filesystem::perms::none)
    return invalid(fmt::format("password file {} is open to others", path),
                   fmt::format("chmod 600 {}", path));
  const Secret content(TRY(read_file(path, kFileBytesMax)));
  return password_in(content.reveal(), options);
}

}  // namespace

bool is_connection_text(const std::string& text) {
  return text.rfind("postgresql://", 0) == 0 || text.rfind("postgres://", 0) == 0 ||
         text.find('=') != std::string::npos;
}

Result<ConnectionOptions> parse_connection_text(const std::string& text,
                                                const Environment& environment) {
  Settings settings = TRY(settings_in(text));
  const auto service = settings.find("service");
  const std::string named =
      service != settings.end() ? service->second : value_in(environment, "PGSERVICE");
  if (!named.empty()) TRY(add_service(named, environment, settings));
  for (const auto& [keyword, variable] : kHeeded)
    if (const std::string value = value_in(environment, variable); !value.empty())
      settings.emplace(keyword, value);

  const auto text_of = [&](std::string_view keyword, const std::string& otherwise) {
    const auto at = settings.find(keyword);
    return at == settings.end() ? otherwise : at->second;
  };
  ConnectionOptions options;
  options.host = text_of("host", "");
  options.hostaddr = text_of("hostaddr", "");
  if (options.host.empty()) options.host = options.hostaddr;
  if (options.host.empty())
    return invalid("the connection names no host", "write postgresql://user@host/database");
  if (options.host.find(',') != std::string::npos)
    return invalid("the connection names several hosts, and must name one");
  options.port = static_cast<std::uint16_t>(TRY(number_of(settings, "port", 5432, 65'535)));
  options.user = text_of("user", value_in(environment, "USER"));
  if (options.user.empty()) return invalid("the connection names no user");
  options.database = text_of("dbname", options.user);
  options.ssl_mode = TRY(ssl_mode_of(text_of("sslmode", "verify-full")));
  options.ssl_root_cert = text_of("sslrootcert", "");
  if (options.ssl_root_cert == "system") options.ssl_root_cert.clear();
  options.application_name = text_of("application_name", options.application_name);
  const auto otherwise = std::chrono::floor<Seconds>(options.connect_deadline).count();
  options.connect_deadline = Seconds(TRY(number_of(settings, "connect_timeout", otherwise, 3'600)));
  options.password = Secret(text_of("password", ""));
  if (options.password.empty())
    options.password = TRY(
        read_password(text_of("passfile", value_in(environment, "HOME") + "/.pgpass"), options));
  return options;
}

Secret password_in(std::string_view password_file, const ConnectionOptions& options) {
  const std::string port = std::to_string(options.port);
  const std::string host = options.host.substr(0, 1) == "/" ? "localhost" : options.host;
  while (!password_file.empty()) {
    std::string_view line = password_file.substr(0, password_file.find('\n'));
    password_file.remove_prefix(std::min(password_file.size(), line.size() + 1));
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.empty() || line[0] == '#') continue;
    bool matches = true;
    for (const std::string_view wanted :
         {std::string_view(host), std::string_view(port), std::string_view(options.database),
          std::string_view(options.user)}) {
      const bool any = line.substr(0, 2) == "*:";
      const std::string field = take_field(line);
      matches = matches && (any || field == wanted);
    }
    if (matches) return Secret(take_field(line));
  }
  return Secret();
}

}  // namespace tidemark::postgres
