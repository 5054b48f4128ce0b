#include "ops/restore_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tidemark::ops {
namespace {

using postgres::ServerIdentity;
using testing::HasSubstr;

RestoreChecks sample() {
  RestoreChecks checks;
  checks.connection.host = "orders.example";
  checks.replaced_address = "orders-replaced.example";
  return checks;
}

const ServerIdentity kFound{.certificate = "a", .started = "10:00"};
const Error kSilent{ErrorKind::unavailable, "nobody answers there"};

TEST(ProveOtherServer, PassesOnlyWhatIsAnotherServer) {
  const auto other =
      prove_other_server(sample(), kFound, ServerIdentity{.certificate = "b", .started = "9:00"});
  EXPECT_TRUE(other && *other);
  const auto same = prove_other_server(sample(), kFound, kFound);
  ASSERT_FALSE(same);
  EXPECT_EQ(same.error().kind, ErrorKind::unavailable);  // looked at again
  EXPECT_THAT(same.error().message, HasSubstr("still leads to the instance before"));
}

TEST(ProveOtherServer, RefusesWhatNobodyCanTellAndNamesTheWayOut) {
  const auto unproven = prove_other_server(sample(), kFound, kSilent);
  ASSERT_FALSE(unproven);
  EXPECT_EQ(unproven.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(unproven.error().message, HasSubstr("nobody answers there"));
  EXPECT_THAT(unproven.error().hint, HasSubstr("--trust-name"));
  EXPECT_FALSE(prove_other_server(sample(), {}, ServerIdentity{}));
}

TEST(ProveOtherServer, TrustsTheNameWhenToldToButNotAgainstTheEvidence) {
  RestoreChecks checks = sample();
  checks.trust_name = true;
  const auto trusted = prove_other_server(checks, kFound, kSilent);
  ASSERT_TRUE(trusted);
  EXPECT_FALSE(*trusted);
  EXPECT_FALSE(prove_other_server(checks, kFound, kFound));
  const Error stopped{ErrorKind::cancelled, "stopped"};
  EXPECT_EQ(prove_other_server(checks, kFound, stopped).error().kind, ErrorKind::cancelled);
}

}  // namespace
}  // namespace tidemark::ops
