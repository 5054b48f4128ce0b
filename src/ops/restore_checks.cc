#include "ops/restore_checks.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/engine_life.h"
namespace tidemark::ops {
namespace {

using postgres::Connection;
using postgres::ConnectionOptions;

constexpr Millis kPauseMax{15'000};
constexpr Millis kNewPasswordPatience{120'000};
constexpr Millis kReplacedDeadline{5'000};  // to find out who answers at the instance before

Error failed(std::string message, std::string hint = {}) {
  return Error{ErrorKind::rejected, std::move(message), std::move(hint)};
}

// How long a failure may last; zero when it will not pass by itself.
Millis patience_for(const Error& error, const RestoreChecks& checks) {
  if (error.kind == ErrorKind::unavailable || error.kind == ErrorKind::timed_out)
    return checks.patience;
  const bool may_hold_soon = error.kind == ErrorKind::denied && checks.password_is_new;
  return may_hold_soon ? std::min<Millis>(checks.patience, kNewPasswordPatience) : Millis::zero();
}

// Names, certificates and ports come up some time after the service says "available".
template <class Attempt>
auto with_patience(const RestoreChecks& checks, Clock& clock, Attempt attempt)
    -> decltype(attempt()) {
  const Millis begin = clock.steady();
  Millis pause = checks.pause;
  for (;;) {
    auto result = attempt();
    if (result || clock.steady() + pause > begin + patience_for(result.error(), checks))
      return result;
    TRY(clock.sleep(pause));
    pause = std::min(pause * 2, kPauseMax);
  }
}

Error unreachable(Error error, const ConnectionOptions& options) {
  if (error.kind == ErrorKind::unavailable || error.kind == ErrorKind::timed_out)
    error.hint = fmt::format(
        "run the restore from where {} can be reached, such as a machine of its network; or check "
        "the database yourself and add --no-checks",
        options.host);
  if (error.kind == ErrorKind::denied && error.hint.empty())
    error.hint =
        "the password is that of the moment restored: correct it in the configuration, or "
        "set one with --master-password-file";
  return error;
}

// Asks the instance before who it is, if there is one, and compares.
Status require_other_server(const RestoreChecks& checks, const postgres::ServerIdentity& found,
                            Clock& clock, const StopSignal& stop,
                            std::vector<core::Problem>& doubts) {
  if (checks.replaced_address.empty()) return Done{};
  ConnectionOptions before = checks.connection;
  before.host = checks.replaced_address;
  before.port = checks.replaced_port;
  before.connect_deadline = kReplacedDeadline;
  const auto asked = postgres::server_identity(before, clock, stop);
  if (TRY(prove_other_server(checks, found, asked))) return Done{};
  doubts.push_back({core::Severity::warning,
                    fmt::format("the name {} was trusted: the instance before could not be asked "
                                "whether it is the one that answers",
                                checks.connection.host),
                    "see that the rows are those of the moment restored"});
  return Done{};
}

// Opens a connection to the restored server, and makes sure that it is not the one before: after a
// rename its name may lead there for minutes.
Result<Connection> reach(const RestoreChecks& checks, Clock& clock, const StopSignal& stop,
                         std::vector<core::Problem>& doubts) {
  return with_patience(checks, clock, [&]() -> Result<Connection> {
    auto connection = Connection::open(checks.connection, clock, stop);
    if (!connection) return unreachable(std::move(connection).error(), checks.connection);
    const auto identity = TRY(postgres::server_identity(*connection));
    TRY(require_other_server(checks, identity, clock, stop, doubts));
    // Had the one before restarted between the two questions, this connection would be dead.
    TRY(connection->query_value("SELECT 1"));
    return connection;
  });
}

// Without a password: as far as TLS goes.
Status reach_without_login(const RestoreChecks& checks, Clock& clock, const StopSignal& stop,
                           std::vector<core::Problem>& doubts) {
  return with_patience(checks, clock, [&]() -> Status {
    auto certificate = postgres::answers_over_tls(checks.connection, clock, stop);
    if (!certificate) return unreachable(std::move(certificate).error(), checks.connection);
    return require_other_server(checks, {.certificate = *certificate, .started = {}}, clock, stop,
                                doubts);
  });
}

Status check_state(const RestoreChecks& checks, Connection& connection) {
  const auto state = TRY(postgres::read_server_state(connection));
  if (state.in_recovery)
    return failed("the server is still in recovery", "look again in a few minutes");
  const std::string found = core::version_text(state.version);
  if (!checks.version.empty() && core::major_of(found) != core::major_of(checks.version))
    return failed(
        fmt::format("the server runs PostgreSQL {}, and {} was restored", found, checks.version));
  return Done{};
}

Status check_contents(const RestoreChecks& checks, Clock& clock, const StopSignal& stop,
                      std::vector<core::Problem>& doubts) {
  if (!checks.recorded && checks.to_a_moment) {
    doubts.push_back({core::Severity::note,
                      "no point before the moment has a record of what the databases held, so only "
                      "the connection and your own checks were looked at",
                      "points taken with [source.NAME.database] configured carry a record"});
    return Done{};
  }
  if (!checks.recorded) {
    doubts.push_back({core::Severity::note,
                      "nothing was recorded with the point of what its databases held, so only the "
                      "connection and your own checks were looked at",
                      "points taken with [source.NAME.database] configured carry a record"});
    return Done{};
  }
  const auto found = TRY(postgres::read_contents(checks.connection, clock, stop));
  std::string missing;
  for (core::Problem& problem : core::compare_contents(*checks.recorded, found)) {
    // The record is of a point before the moment: what is missing may have been dropped in between.
    if (checks.to_a_moment && problem.severity == core::Severity::critical) {
      problem.severity = core::Severity::warning;
      problem.message += " (compared with the nearest point before the moment)";
    }
    if (problem.severity != core::Severity::critical)
      doubts.push_back(std::move(problem));
    else
      missing += (missing.empty() ? "" : "; ") + problem.message;
  }
  if (missing.empty()) return Done{};
  return failed(missing, "look at the database; --no-checks goes on in spite of it");
}

Status run_sql(const RestoreChecks& checks, Clock& clock, const StopSignal& stop) {
  for (const SqlCheck& check : checks.sql) {
    ConnectionOptions options = checks.connection;
    if (!check.database.empty()) options.database = check.database;
    Connection connection = TRY(Connection::open(options, clock, stop));
    const Status passed = postgres::run_check(connection, check.sql);
    if (!passed)
      return in_context(fmt::format("check '{}' in database {}", check.name, options.database),
                        passed.error());
  }
  return Done{};
}

}  // namespace

Result<bool> prove_other_server(const RestoreChecks& checks, const postgres::ServerIdentity& found,
                                const Result<postgres::ServerIdentity>& before) {
  if (!before && before.error().kind == ErrorKind::cancelled) return before.error();
  const postgres::Likeness likeness =
      before ? postgres::compare_servers(found, *before) : postgres::Likeness::unknown;
  switch (likeness) {
    case postgres::Likeness::different: return true;
    case postgres::Likeness::same:
      return Error{ErrorKind::unavailable,
                   fmt::format("{} still leads to the instance before ({})", checks.connection.host,
                               checks.replaced_address),
                   "names are remembered for some minutes; wait, or flush this machine's resolver"};
    case postgres::Likeness::unknown: break;
  }
  if (checks.trust_name) return false;
  return Error{
      ErrorKind::unavailable,
      fmt::format("nobody can tell whether {} leads to the restored instance yet, or still to the "
                  "one before, which cannot be asked at {}: {}",
                  checks.connection.host, checks.replaced_address,
                  before ? "it shows no certificate" : before.error().message),
      fmt::format("let this machine reach {}; or, when the names have had their minutes, look "
                  "yourself (`select pg_postmaster_start_time()`) and add --trust-name",
                  checks.replaced_address)};
}

Status check_restored(const RestoreChecks& checks, Clock& clock, const StopSignal& stop,
                      std::vector<core::Problem>& doubts) {
  if (checks.connection.password.empty()) {
    TRY(reach_without_login(checks, clock, stop, doubts));
    doubts.push_back({core::Severity::warning,
                      "a server answers with a valid certificate, but nobody logged in: its rows "
                      "were not looked at",
                      "give a password in [source.NAME.database], and look at the rows now"});
    return Done{};
  }
  Connection connection = TRY(reach(checks, clock, stop, doubts));
  TRY(check_state(checks, connection));
  TRY(check_contents(checks, clock, stop, doubts));
  return run_sql(checks, clock, stop);
}

}  // namespace tidemark::ops
