#include "postgres/conn/connect_failure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace tidemark::postgres {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

ConnectionOptions options() {
  ConnectionOptions options;
  options.host = "shop.example";
  options.database = "shop";
  options.user = "tidemark";
  options.password = Secret("canary-password");
  options.ssl_root_cert = "/etc/rds.pem";
  return options;
}

constexpr const char* kBefore =
    "connection to server at \"shop.example\" (10.0.0.1), port 5432 failed: ";

Error error_of(const std::string& text, bool asked = false) {
  return connect_error(kBefore + text, asked, options());
}

TEST(ConnectFailure, TheServersCodeCountsWhateverTheLanguage) {
  const Error error = error_of(
      "FATAL:  28P01: Passwort-Authentifizierung fehlgeschlagen\nLOCATION:  "
      "auth_failed, auth.c:326\n");
  EXPECT_EQ(error.kind, ErrorKind::denied);
  EXPECT_EQ(error.code, "28P01");
  EXPECT_EQ(error.message,
            "server shop.example:5432 refuses user tidemark in database shop: "
            "Passwort-Authentifizierung fehlgeschlagen");
  EXPECT_THAT(error.hint, HasSubstr("pg_hba.conf"));
  EXPECT_EQ(error_of("FATAL:  3D000: database \"shop\" does not exist\n").kind,
            ErrorKind::not_found);
  EXPECT_EQ(error_of("FATAL:  57P03: the database system is starting up\n").kind,
            ErrorKind::unavailable);
}

TEST(ConnectFailure, WithoutACodeTheServerIsUnavailable) {
  const Error error = error_of("Connection refused\n\tIs the server running on that host?\n");
  EXPECT_EQ(error.kind, ErrorKind::unavailable);
  EXPECT_THAT(error.message, HasSubstr("port 5432 failed: Connection refused"));
  EXPECT_THAT(error.message, Not(HasSubstr("running")));
}

TEST(ConnectFailure, ACertificateHintNamesTheBundle) {
  const Error error = error_of("SSL error: certificate verify failed\n");
  EXPECT_EQ(error.kind, ErrorKind::denied);
  EXPECT_THAT(error.hint, HasSubstr("/etc/rds.pem"));
  EXPECT_EQ(error_of("server certificate for \"a\" does not match host name \"b\"\n").kind,
            ErrorKind::denied);
  EXPECT_EQ(error_of("root certificate file \"/etc/rds.pem\" does not exist\n").kind,
            ErrorKind::invalid_input);
  EXPECT_EQ(error_of("server does not support SSL, but SSL was required\n").kind,
            ErrorKind::denied);
}

TEST(ConnectFailure, AMissingPasswordIsSaid) {
  const Error error = error_of("fe_sendauth: no password supplied\n", true);
  EXPECT_EQ(error.kind, ErrorKind::denied);
  EXPECT_THAT(error.message, HasSubstr("asks user tidemark for a password"));
}

TEST(ConnectFailure, HostileTextStaysTextOnOneLine) {
  EXPECT_TRUE(rc::check("one line, no control bytes", [](const std::string& text) {
    const Error error = connect_error(text, false, options());
    for (const char c : error.message) RC_ASSERT(c < 0 || c >= ' ');
  }));
  const ConnectFailure failure = parse_connect_failure("FATAL:  28P01: a\x1b[2Jb");
  EXPECT_EQ(failure.message, "a[2Jb");
}

}  // namespace
}  // namespace tidemark::postgres
