#include "cli/doctor_rounds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/stop.h"
#include "tests/support/manual_clock.h"
#include "tests/support/scripted_transport.h"

namespace tidemark::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

class DoctorRoundsTest : public testing::Test {
 protected:
  std::string logged_by_a_round(DoctorRounds& rounds) {
    testing::internal::CaptureStderr();
    rounds.round();
    return testing::internal::GetCapturedStderr();
  }

  config::Environment environment_ = {{"AWS_RDS_IDENTIFIER", "orders"},
                                      {"AWS_REGION_NAME", "eu-west-1"},
                                      {"AWS_ACCESS_KEY_ID", "AKIATEST"},
                                      {"AWS_SECRET_ACCESS_KEY", "secret-of-the-test"},
                                      {"TIDEMARK_STATE_DIR", "/nonexistent"}};
  test::ManualClock clock_{"2026-11-24T12:00:00Z"};
  StopSignal stop_;
  test::ScriptedTransport transport_;
  Context context_{environment_, clock_, stop_, transport_, {}};
};

TEST_F(DoctorRoundsTest, LogsWhatIsNewAndWhatIsGoneAndNothingTwice) {
  std::string caller = "111111111111";
  transport_.otherwise = [&](const net::HttpRequest& request) {
    if (request.body.find("GetCallerIdentity") == std::string::npos)
      return net::HttpResponse{
          403, {}, "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>"};
    return net::HttpResponse{
        200,
        {},
        "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::" + caller +
            ":user/u</Arn><UserId>u</UserId><Account>" + caller +
            "</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"};
  };
  const auto rounds = DoctorRounds::open(context_);
  ASSERT_TRUE(rounds) << rounds.error().message;
  const std::string first = logged_by_a_round(**rounds);
  EXPECT_THAT(first, HasSubstr("keys that never expire"));
  EXPECT_THAT(first, HasSubstr("could not be looked at with these credentials"));
  EXPECT_THAT(logged_by_a_round(**rounds), Not(HasSubstr("doctor:")));
  caller = "222222222222";
  const std::string third = logged_by_a_round(**rounds);
  EXPECT_THAT(third, HasSubstr("no longer so: credentials arn:aws:iam::111111111111:user/u"));
  EXPECT_THAT(third, HasSubstr("arn:aws:iam::222222222222:user/u are keys that never expire"));
}

}  // namespace
}  // namespace tidemark::cli
