#include "postgres/conn/connection_text.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tidemark::postgres {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ConnectionText : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = "/tmp/tidemark-home-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    home_ = pattern;
    environment_["HOME"] = home_;
  }
  void TearDown() override { std::filesystem::remove_all(home_); }

  std::string write(const std::string& name, const std::string& text, unsigned mode = 0600) {
    const std::string path = home_ + "/" + name;
    std::ofstream(path) << text;
    std::filesystem::permissions(path, static_cast<std::filesystem::perms>(mode));
    return path;
  }
  ConnectionOptions parsed(const std::string& text) {
    const auto options = parse_connection_text(text, environment_);
    EXPECT_TRUE(options) << options.error().message;
    return options ? *options : ConnectionOptions();
  }
  Error refused(const std::string& text) {
    const auto options = parse_connection_text(text, environment_);
    EXPECT_FALSE(options) << text;
    return options ? Error{ErrorKind::corrupt, "it was taken"} : options.error();
  }

  std::string home_;
  Environment environment_;
};

TEST_F(ConnectionText, IsAUrlOrSettings) {
  const ConnectionOptions url =
      parsed("postgresql://ann:p%40ss@db.example:6000/shop?sslmode=require&connect_timeout=5");
  EXPECT_EQ(url.host, "db.example");
  EXPECT_EQ(url.port, 6000);
  EXPECT_EQ(url.user, "ann");
  EXPECT_EQ(url.database, "shop");
  EXPECT_EQ(url.password.reveal(), "p@ss");
  EXPECT_EQ(url.ssl_mode, SslMode::require);
  EXPECT_EQ(url.connect_deadline, Seconds(5));
  EXPECT_TRUE(is_connection_text("postgres://x"));
  EXPECT_TRUE(is_connection_text("host=x"));
  EXPECT_FALSE(is_connection_text("orders"));

  const ConnectionOptions settings = parsed("host=/run/postgresql user=ann dbname='a b'");
  EXPECT_EQ(settings.host, "/run/postgresql");
  EXPECT_EQ(settings.database, "a b");
  EXPECT_EQ(settings.port, 5432);
  EXPECT_EQ(settings.ssl_mode, SslMode::verify_full);
  EXPECT_TRUE(settings.read_only);
}

TEST_F(ConnectionText, WhatItLeavesOpenComesFromVariables) {
  environment_ = {{"HOME", home_},
                  {"PGHOST", "db.example"},
                  {"PGPORT", "6001"},
                  {"PGUSER", "bob"},
                  {"PGDATABASE", "shop"},
                  {"PGPASSWORD", "secret"},
                  {"PGSSLMODE", "verify-ca"},
                  {"PGSSLROOTCERT", "/ca.pem"}};
  const ConnectionOptions options = parsed("postgresql://");
  EXPECT_EQ(options.host, "db.example");
  EXPECT_EQ(options.port, 6001);
  EXPECT_EQ(options.user, "bob");
  EXPECT_EQ(options.password.reveal(), "secret");
  EXPECT_EQ(options.ssl_mode, SslMode::verify_ca);
  EXPECT_EQ(options.ssl_root_cert, "/ca.pem");
  EXPECT_EQ(parsed("postgresql://ann@other").host, "other");
  EXPECT_EQ(parsed("postgresql://ann@other").user, "ann");
}

TEST_F(ConnectionText, AServiceComesBeforeVariablesAndAfterTheText) {
  write(".pg_service.conf", "# mine\n[other]\nhost=no\n\n[shop]\nhost=db.example\nuser=carl\r\n");
  environment_["PGUSER"] = "bob";
  const ConnectionOptions options = parsed("service=shop dbname=x");
  EXPECT_EQ(options.host, "db.example");
  EXPECT_EQ(options.user, "carl");
  EXPECT_EQ(parsed("service=shop user=ann").user, "ann");
  environment_["PGSERVICE"] = "shop";
  EXPECT_EQ(parsed("dbname=x").host, "db.example");
  EXPECT_EQ(refused("service=none").kind, ErrorKind::not_found);
}

TEST_F(ConnectionText, ThePasswordFileIsAskedLast) {
  const std::string path = write(".pgpass", "#c\nother:*:*:*:no\ndb.example:*:*:ann:a\\:b\\\\c\n");
  EXPECT_EQ(parsed("host=db.example user=ann").password.reveal(), "a:b\\c");
  EXPECT_EQ(parsed("host=db.example user=ann password=own").password.reveal(), "own");
  EXPECT_TRUE(parsed("host=db.example user=bob").password.empty());
  std::filesystem::permissions(path, static_cast<std::filesystem::perms>(0644));
  EXPECT_THAT(refused("host=db.example user=ann").hint, HasSubstr("chmod 600"));
}

TEST_F(ConnectionText, WhatWeWouldNotHeedIsRefused) {
  EXPECT_THAT(refused("host=x user=u options='-c a=b'").message, HasSubstr("'options'"));
  EXPECT_THAT(refused("host=x user=u sslmode=prefer").message, HasSubstr("'prefer'"));
  EXPECT_THAT(refused("host=a,b user=u").message, HasSubstr("several hosts"));
  EXPECT_THAT(refused("user=u dbname=x").message, HasSubstr("no host"));
  EXPECT_THAT(refused("host=x").message, HasSubstr("no user"));
  EXPECT_THAT(refused("host=x user=u port=0").message, HasSubstr("port '0'"));
  EXPECT_THAT(refused("host=x user=u port=99999").message, HasSubstr("port '99999'"));
  const Error broken = refused("host=x password='canary");
  EXPECT_THAT(broken.message, Not(HasSubstr("canary")));
}

TEST(PasswordFile, TheFirstLineThatFitsCounts) {
  ConnectionOptions options;
  options.host = "/run/postgresql";
  options.user = "ann";
  options.database = "a:b";
  EXPECT_EQ(password_in("localhost:5432:a\\:b:ann:one\n*:*:*:*:two", options).reveal(), "one");
  EXPECT_EQ(password_in("localhost:5433:*:ann:one\n*:*:*:*:two", options).reveal(), "two");
  EXPECT_EQ(password_in("localhost:5432:\\*:ann:one", options).reveal(), "");
  EXPECT_EQ(password_in("", options).reveal(), "");
  EXPECT_EQ(password_in("*:*:*", options).reveal(), "");
}

}  // namespace
}  // namespace tidemark::postgres
