#include "ops/restore_order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tidemark::ops {
namespace {

using ::testing::ElementsAre;

TEST(RestoreOrder, WhatIsReferredToComesFirst) {
  const auto waves = waves_of({"lines", "orders", "users", "log"},
                              {{"lines", "orders"}, {"lines", "users"}, {"orders", "users"}});
  ASSERT_TRUE(waves);
  EXPECT_THAT(*waves, ElementsAre(2, 1, 0, 0));
}

TEST(RestoreOrder, WithoutKeysAllGoAtOnce) {
  EXPECT_THAT(*waves_of({"a", "b"}, {}), ElementsAre(0, 0));
  EXPECT_THAT(*waves_of({}, {{"a", "b"}}), ElementsAre());
}

TEST(RestoreOrder, AKeyToItselfOrToWhatIsNotRestoredDoesNotCount) {
  const std::vector<TableReference> references{{"a", "a"}, {"a", "elsewhere"}};
  EXPECT_THAT(*waves_of({"a"}, references), ElementsAre(0));
  EXPECT_THAT(self_referring(references), ElementsAre("a"));
}

TEST(RestoreOrder, ACircleIsRefusedByItsNames) {
  const auto waves =
      waves_of({"egg", "hen", "farm", "shop"}, {{"egg", "hen"}, {"hen", "egg"}, {"shop", "egg"}});
  ASSERT_FALSE(waves);
  EXPECT_EQ(waves.error().kind, ErrorKind::unsupported);
  EXPECT_EQ(waves.error().message,
            "foreign keys refer in a circle, or to tables in one: egg, hen, shop");
}

}  // namespace
}  // namespace tidemark::ops
