#include "postgres/conn/opening.h"

#include <map>

#include <fmt/format.h>
#include <libpq-fe.h>
#include <netdb.h>
#include <sys/socket.h>

#include "base/remote_text.h"
#include "postgres/conn/certificate.h"
#include "postgres/conn/connect_failure.h"
#include "postgres/conn/libpq_words.h"

namespace tidemark::postgres {
namespace {

bool is_socket(const ConnectionOptions& options) { return options.host.substr(0, 1) == "/"; }

using Settings = std::map<std::string, std::string>;

// libpq fills each setting that is missing here from the environment, so none is: what we have no
// value for gets the built-in one. An empty text would count as missing.
Settings settings_of(const ConnectionOptions& options, const std::string& address) {
  Settings settings{
      {"host", options.host},
      {"port", std::to_string(options.port)},
      {"dbname", options.database},
      {"user", options.user},
      {"passfile", std::string(kNoFile)},
      {"sslmode", std::string(word_of(options.ssl_mode))},
      {"sslrootcert",
       options.ssl_root_cert.empty() ? std::string(kSystemCertificates) : options.ssl_root_cert},
      {"sslcert", std::string(kNoFile)},
      {"sslkey", std::string(kNoFile)},
      {"sslcrl", std::string(kNoFile)},
      {"sslcrldir", std::string(kNoFile)},
      {"ssl_min_protocol_version", "TLSv1.2"},
      {"ssl_max_protocol_version", "TLSv1.3"},
      {"gssencmode", "disable"},
      {"client_encoding", "UTF8"},
      {"options", "-c search_path= -c statement_timeout=0"},
      {"application_name", options.application_name},
      {"connect_timeout", "0"},  // ours counts
      {"keepalives_idle", "60"},
      {"keepalives_interval", "10"},
      {"keepalives_count", "6"},
      {"tcp_user_timeout", "120000"},
  };
  if (!address.empty()) settings["hostaddr"] = address;
  if (!options.password.empty()) settings["password"] = std::string(options.password.reveal());

  PQconninfoOption* const known = PQconndefaults();
  for (const PQconninfoOption* option = known; option != nullptr && option->keyword != nullptr;
       ++option) {
    if (option->compiled != nullptr && option->compiled[0] != '\0')
      settings.emplace(option->keyword, option->compiled);
    // Only a wrong password keeps libpq from using one of the environment.
    if (option->keyword == std::string_view("password") && option->val != nullptr)
      settings.emplace(option->keyword, "none");
  }
  PQconninfoFree(known);
  return settings;
}

PGconn* start(Settings settings) {
  std::vector<const char*> keywords;
  std::vector<const char*> values;
  for (const auto& [keyword, value] : settings) {
    keywords.push_back(keyword.c_str());
    values.push_back(value.c_str());
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  PGconn* const connection = PQconnectStartParams(keywords.data(), values.data(), 0);
  CHECK(connection != nullptr);  // only without memory
  const Secret wiped(std::move(settings["password"]));
  return connection;
}

// Notices would go to standard error otherwise, past the log and unwashed.
void drop_notice(void*, const PGresult*) {}

// The exchange about who we are has begun, so TLS has been agreed on.
bool past_tls(PGconn* connection) {
  const ConnStatusType status = PQstatus(connection);
  return PQsslInUse(connection) != 0 && (status == CONNECTION_AWAITING_RESPONSE ||
                                         status == CONNECTION_AUTH_OK || status == CONNECTION_OK);
}

}  // namespace

Result<std::vector<std::string>> Opening::addresses() const {
  if (!options_.hostaddr.empty()) return std::vector<std::string>{options_.hostaddr};
  if (is_socket(options_)) return std::vector<std::string>{""};
  addrinfo wanted{};
  wanted.ai_family = AF_UNSPEC;
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  const int number = ::getaddrinfo(options_.host.c_str(), nullptr, &wanted, &found);
  if (number != 0)
    return Error{ErrorKind::unavailable,
                 fmt::format("server {} has no address: {}", clean_remote_text(options_.host),
                             ::gai_strerror(number)),
                 "check the name; after a change of the endpoint the old one may be remembered for "
                 "some minutes"};
  std::vector<std::string> result;
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    char text[NI_MAXHOST];
    if (::getnameinfo(one->ai_addr, one->ai_addrlen, text, sizeof text, nullptr, 0,
                      NI_NUMERICHOST) == 0)
      result.emplace_back(text);
  }
  ::freeaddrinfo(found);
  return result;
}

Result<Connection> Opening::connect() {
  if (options_.host.empty() || options_.user.empty() || options_.database.empty())
    return Error{ErrorKind::invalid_input, "a connection needs a host, a user and a database"};
  options_.password = TRY(current_password(options_));
  const std::vector<std::string> all = TRY(addresses());
  const Millis end = clock_.steady() + options_.connect_deadline;
  Error failure{ErrorKind::unavailable, fmt::format("server {} has no address", options_.host)};
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Millis now = clock_.steady();
    const auto left = static_cast<std::int64_t>(all.size() - i);
    Result<Connection> connection = connect_to(all[i], now + (end - now) / left);
    if (connection) return connection;
    failure = std::move(connection).error();
    if (failure.kind != ErrorKind::unavailable && failure.kind != ErrorKind::timed_out) break;
  }
  return failure;
}

Result<Connection> Opening::connect_to(const std::string& address, Millis end) {
  answered_ = false;
  certificate_.clear();
  std::string name = fmt::format("database {} at {}:{}", clean_remote_text(options_.database),
                                 clean_remote_text(options_.host), options_.port);
  Connection connection(Connection::Handle(start(settings_of(options_, address))), std::move(name),
                        clock_, stop_);
  PQsetNoticeReceiver(connection.handle(), drop_notice, nullptr);
  PQsetErrorVerbosity(connection.handle(), PQERRORS_VERBOSE);
  const Status connected = poll_until_connected(connection, end);
  if (!connected) {
    if (connected.error().kind != ErrorKind::timed_out) return connected.error();
    return Error{
        ErrorKind::unavailable,
        fmt::format("server {}:{} did not answer within {}", clean_remote_text(options_.host),
                    options_.port,
                    format_duration(std::chrono::ceil<Seconds>(options_.connect_deadline))),
        "check that security groups and routes let this machine in"};
  }
  PQsetErrorVerbosity(connection.handle(), PQERRORS_DEFAULT);
  CHECK(PQsetnonblocking(connection.handle(), 1) == 0);
  TRY(connection.settle(options_, std::max(end - clock_.steady(), Millis(1))));
  return connection;
}

Status Opening::poll_until_connected(Connection& connection, Millis end) {
  // libpq says to begin as if the socket had to become writable.
  PostgresPollingStatusType next = PGRES_POLLING_WRITING;
  PGconn* const handle = connection.handle();
  while (PQstatus(handle) != CONNECTION_BAD) {
    if (!answered_ && past_tls(handle)) {
      answered_ = true;
      certificate_ = certificate_digest(handle);
    }
    if (next == PGRES_POLLING_OK) return Done{};
    if (next == PGRES_POLLING_FAILED) break;
    TRY(connection.wait_for(
        next == PGRES_POLLING_READING ? Connection::Wait::read : Connection::Wait::write, end));
    next = PQconnectPoll(handle);
  }
  const bool asked = PQconnectionNeedsPassword(handle) != 0 ||
                     (options_.password.empty() && PQconnectionUsedPassword(handle) != 0);
  return connect_error(PQerrorMessage(handle), asked, options_);
}

Result<Connection> Connection::open(const ConnectionOptions& options, Clock& clock,
                                    const StopSignal& stop) {
  return Opening(options, clock, stop).connect();
}

Result<std::string> answers_over_tls(ConnectionOptions options, Clock& clock,
                                     const StopSignal& stop) {
  options.password = Secret();
  options.password_source = nullptr;
  Opening opening(std::move(options), clock, stop);
  const Result<Connection> connection = opening.connect();
  if (connection) return opening.certificate();
  const Error& error = connection.error();
  // It has looked at the user, or at the database: that is an answer of a server that works.
  const bool refused_us = error.kind == ErrorKind::denied ||
                          (error.kind == ErrorKind::not_found && !error.code.empty());
  if (opening.answered() && refused_us) return opening.certificate();
  return error;
}

}  // namespace tidemark::postgres
