#include "postgres/conn/connect_failure.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/remote_text.h"
#include "postgres/conn/sqlstate.h"

namespace tidemark::postgres {
namespace {

constexpr std::size_t kSqlstateLength = 5;

// Where "28P01: " begins in "FATAL:  28P01: password authentication failed", or npos.
std::size_t find_sqlstate(std::string_view text) {
  constexpr std::string_view kBefore = ":  ";
  constexpr std::string_view kAfter = ": ";
  for (std::size_t at = text.find(kBefore); at != std::string_view::npos;
       at = text.find(kBefore, at + 1)) {
    const std::string_view code = text.substr(at + kBefore.size()).substr(0, kSqlstateLength);
    const bool is_code = std::all_of(code.begin(), code.end(), [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
    });
    if (code.size() == kSqlstateLength && is_code &&
        text.substr(at + kBefore.size() + kSqlstateLength).substr(0, kAfter.size()) == kAfter)
      return at + kBefore.size();
  }
  return std::string_view::npos;
}

bool says(std::string_view text, std::string_view words) {
  return text.find(words) != std::string_view::npos;
}

std::string server_name(const ConnectionOptions& options) {
  return fmt::format("server {}:{}", clean_remote_text(options.host), options.port);
}

Error from_server(const ConnectFailure& failure, const ConnectionOptions& options) {
  std::string hint;
  if (failure.sqlstate.substr(0, 2) == "28")
    hint = options.ssl_mode == SslMode::disable
               ? "check user, password and pg_hba.conf; the server may insist on TLS"
               : "check user, password and pg_hba.conf";
  if (failure.sqlstate == "53300") hint = "the server has no free connection; try again later";
  return Error{kind_of_sqlstate(failure.sqlstate),
               fmt::format("{} refuses user {} in database {}: {}", server_name(options),
                           clean_remote_text(options.user), clean_remote_text(options.database),
                           failure.message),
               std::move(hint), failure.sqlstate};
}

}  // namespace

ConnectFailure parse_connect_failure(std::string_view libpq_text) {
  ConnectFailure failure;
  // Only the first line is looked at: later ones may be the server's own.
  const std::string_view line = libpq_text.substr(0, libpq_text.find('\n'));
  const std::size_t at = find_sqlstate(line);
  if (at == std::string_view::npos) {
    failure.message = clean_remote_text(line);
  } else {
    failure.sqlstate = line.substr(at, kSqlstateLength);
    failure.message = clean_remote_text(line.substr(at + kSqlstateLength + 2));
  }
  return failure;
}

Error connect_error(std::string_view libpq_text, bool asked_for_password,
                    const ConnectionOptions& options) {
  const ConnectFailure failure = parse_connect_failure(libpq_text);
  if (asked_for_password)
    return Error{ErrorKind::denied,
                 fmt::format("{} asks user {} for a password, and there is none",
                             server_name(options), clean_remote_text(options.user)),
                 "give the user's password in the configuration"};
  if (!failure.sqlstate.empty()) return from_server(failure, options);

  Error error{ErrorKind::unavailable,
              fmt::format("{} cannot be reached: {}", server_name(options), failure.message)};
  if (says(failure.message, "root certificate file") ||
      says(failure.message, "could not load system root certificate")) {
    error.kind = ErrorKind::invalid_input;
    error.hint = "give a bundle of certificates in PEM format";
  } else if (says(failure.message, "certificate")) {
    error.kind = ErrorKind::denied;
    error.message = fmt::format("the certificate of {} is not accepted: {}", server_name(options),
                                failure.message);
    error.hint =
        fmt::format("the certificate must be signed by one in {} and carry the name {}",
                    options.ssl_root_cert.empty() ? kSystemCertificates : options.ssl_root_cert,
                    clean_remote_text(options.host));
  } else if (says(failure.message, "server does not support SSL")) {
    error.kind = ErrorKind::denied;
    error.message = fmt::format("{} does not offer TLS", server_name(options));
    error.hint = "turn TLS on in the server, or allow connections without it";
  }
  return error;
}

}  // namespace tidemark::postgres
