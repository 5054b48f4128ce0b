#include "postgres/conn/url.h"

#include <charconv>
#include <memory>

#include <fmt/format.h>
#include <libpq-fe.h>

namespace tidemark::postgres {
namespace {

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

Error invalid(std::string message) {
  return Error{ErrorKind::invalid_input, std::move(message),
               "write it as postgresql://USER@HOST:PORT/DATABASE?sslrootcert=FILE"};
}

Status apply(ConnectionOptions& options, bool& mode_given, const std::string& name,
             const std::string& value) {
  if (name == "host") options.host = value;
  if (name == "hostaddr") options.hostaddr = value;
  if (name == "dbname") options.database = value;
  if (name == "user") options.user = value;
  if (name == "password") options.password = Secret(value);
  if (name == "sslrootcert") options.ssl_root_cert = value;
  if (name == "port") {
    const auto [end, error] =
        std::from_chars(value.data(), value.data() + value.size(), options.port);
    if (error != std::errc{} || end != value.data() + value.size())
      return invalid(fmt::format("the port of the database is '{}'", value));
  }
  if (name == "sslmode") {
    mode_given = true;
    if (value == "verify-full")
      options.ssl_mode = SslMode::verify_full;
    else if (value == "verify-ca")
      options.ssl_mode = SslMode::verify_ca;
    else if (value == "require")
      options.ssl_mode = SslMode::require;
    else if (value == "disable")
      options.ssl_mode = SslMode::disable;
    else
      return invalid(
          fmt::format("sslmode is '{}'; choose verify-full, verify-ca, require or disable", value));
  }
  return Done{};
}

}  // namespace

bool looks_like_url(std::string_view text) {
  return text.find("://") != text.npos || text.find('=') != text.npos;
}

Result<ConnectionOptions> options_from_url(const std::string& url) {
  char* words = nullptr;  // libpq's, and it may quote the password: it is not shown
  const std::unique_ptr<PQconninfoOption, FreeOptions> parsed(PQconninfoParse(url.c_str(), &words));
  PQfreemem(words);
  if (!parsed) return invalid("the database's URL cannot be read");
  ConnectionOptions options;
  bool mode_given = false;
  for (const PQconninfoOption* one = parsed.get(); one->keyword != nullptr; ++one)
    if (one->val != nullptr) TRY(apply(options, mode_given, one->keyword, one->val));
  if (options.host.empty()) return invalid("the database's URL names no host");
  if (options.user.empty()) return invalid("the database's URL names no user");
  if (options.host.starts_with('/') && !mode_given) options.ssl_mode = SslMode::disable;
  return options;
}

}  // namespace tidemark::postgres
