#include "ops/restore_checks.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/engine_life.h"
#include "postgres/catalog/catalog.h"

namespace tidemark::ops {
namespace {

using postgres::Connection;
using postgres::ConnectionOptions;

constexpr Millis kPauseMax{15'000};
constexpr Millis kReplacedDeadline{5'000};  // to find out who answers at the instance before

Error failed(std::string message, std::string hint = {}) {
  return Error{ErrorKind::rejected, std::move(message), std::move(hint)};
}

// Names, certificates and ports come up some time after the service says "available".
template <class Attempt>
auto with_patience(const RestoreChecks& checks, Clock& clock, Attempt attempt)
    -> decltype(attempt()) {
  const Millis end = clock.steady() + checks.patience;
  Millis pause = checks.pause;
  for (;;) {
    auto result = attempt();
    const bool may_pass = !result && (result.error().kind == ErrorKind::unavailable ||
                                      result.error().kind == ErrorKind::timed_out);
    if (!may_pass || clock.steady() + pause > end) return result;
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

// Which run of which server answers; nullopt when nobody does.
Result<std::optional<postgres::ServerIdentity>> identity_at(ConnectionOptions options, Clock& clock,
                                                            const StopSignal& stop) {
  options.connect_deadline = kReplacedDeadline;
  auto connection = Connection::open(options, clock, stop);
  if (!connection) {
    if (connection.error().kind == ErrorKind::cancelled) return std::move(connection).error();
    return std::optional<postgres::ServerIdentity>();
  }
  return std::optional(TRY(postgres::server_identity(*connection)));
}

// Opens a connection to the restored server, and makes sure that it is not the one before: after a
// rename its name may lead there for minutes.
Result<Connection> reach(const RestoreChecks& checks, Clock& clock, const StopSignal& stop) {
  return with_patience(checks, clock, [&]() -> Result<Connection> {
    Connection connection = TRY(Connection::open(checks.connection, clock, stop));
    if (checks.replaced_address.empty()) return connection;
    ConnectionOptions before = checks.connection;
    before.host = checks.replaced_address;
    const auto identity = TRY(postgres::server_identity(connection));
    const auto other = TRY(identity_at(before, clock, stop));
    if (other && other->started == identity.started)
      return Error{ErrorKind::unavailable,
                   fmt::format("{} still leads to the instance before ({})", checks.connection.host,
                               checks.replaced_address),
                   "names are remembered for some minutes; wait, or flush this machine's resolver"};
    return connection;
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

Status check_restored(const RestoreChecks& checks, Clock& clock, const StopSignal& stop,
                      std::vector<core::Problem>& doubts) {
  if (checks.connection.password.empty()) {
    const Status answers = with_patience(
        checks, clock, [&] { return postgres::answers_over_tls(checks.connection, clock, stop); });
    if (!answers) return unreachable(answers.error(), checks.connection);
    doubts.push_back({core::Severity::warning,
                      "a server answers with a valid certificate, but nobody logged in: its rows "
                      "were not looked at",
                      "give a password in [source.NAME.database], and look at the rows now"});
    return Done{};
  }
  auto connection = reach(checks, clock, stop);
  if (!connection) return unreachable(std::move(connection).error(), checks.connection);
  TRY(check_state(checks, *connection));
  TRY(check_contents(checks, clock, stop, doubts));
  return run_sql(checks, clock, stop);
}

}  // namespace tidemark::ops
