#include "cli/hook_environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tidemark::cli {
namespace {

using testing::Contains;
using testing::Key;
using testing::Not;
using testing::Pair;

HookFacts sample() {
  HookFacts facts{
      .source = "orders", .instance = "orders-prod", .restored_from = "a-point", .connection = {}};
  facts.connection.host = "orders.example";
  facts.connection.port = 6543;
  facts.connection.user = "master";
  facts.connection.database = "shop";
  facts.connection.password = Secret("hidden");
  return facts;
}

TEST(HookEnvironment, SaysWhereTheRestoredInstanceIs) {
  const auto environment = hook_environment({}, sample());
  EXPECT_THAT(environment, Contains(Pair("TIDEMARK_SOURCE", "orders")));
  EXPECT_THAT(environment, Contains(Pair("TIDEMARK_RESTORED_FROM", "a-point")));
  EXPECT_THAT(environment, Contains(Pair("PGHOST", "orders.example")));
  EXPECT_THAT(environment, Contains(Pair("TIDEMARK_PORT", "6543")));
  EXPECT_THAT(environment, Contains(Pair("PGSSLMODE", "verify-full")));
  EXPECT_THAT(environment, Not(Contains(Key("PGSSLROOTCERT"))));
}

TEST(HookEnvironment, HoldsNoSecretOfOurs) {
  const config::Environment ours = {{"PATH", "/usr/bin"},
                                    {"LC_ALL", "C.UTF-8"},
                                    {"PGPASSWORD", "hidden"},
                                    {"AWS_SECRET_ACCESS_KEY", "hidden"},
                                    {"AWS_SESSION_TOKEN", "hidden"},
                                    {"AWS_PROFILE", "prod"},
                                    {"TIDEMARK_REPOSITORY_PASSWORD", "hidden"}};
  const auto environment = hook_environment(ours, sample());
  EXPECT_THAT(environment, Contains(Pair("PATH", "/usr/bin")));
  EXPECT_THAT(environment, Contains(Pair("LC_ALL", "C.UTF-8")));
  EXPECT_THAT(environment, Not(Contains(Key("AWS_PROFILE"))));
  for (const auto& [name, value] : environment) EXPECT_NE(value, "hidden") << name;
}

}  // namespace
}  // namespace tidemark::cli
