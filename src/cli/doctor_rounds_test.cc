#include "cli/doctor_rounds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "base/stop.h"
#include "cli/findings_file.h"
#include "tests/support/manual_clock.h"
#include "tests/support/scripted_transport.h"
#include "tests/support/temporary_folder.h"

namespace tidemark::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class DoctorRoundsTest : public testing::Test {
 protected:
  // Whoever asks may do nothing but ask who they are.
  void SetUp() override {
    transport_.otherwise = [this](const net::HttpRequest& request) {
      const net::Headers headers{{"Date", date_}};
      if (request.body.find("GetCallerIdentity") == std::string::npos)
        return net::HttpResponse{
            403, headers,
            "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>"};
      return net::HttpResponse{
          200, headers,
          "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::" + caller_ +
              ":user/u</Arn><UserId>u</UserId><Account>" + caller_ +
              "</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"};
    };
  }

  std::unique_ptr<DoctorRounds> opened() {
    auto rounds = DoctorRounds::open(context_);
    EXPECT_TRUE(rounds) << rounds.error().message;
    return *std::move(rounds);
  }

  std::string logged_by_a_round(DoctorRounds& rounds) {
    testing::internal::CaptureStderr();
    rounds.round();
    return testing::internal::GetCapturedStderr();
  }

  std::string caller_ = "111111111111";
  std::string date_ = "Tue, 24 Nov 2026 12:00:00 GMT";
  test::TemporaryFolder folder_;
  config::Environment environment_ = {{"AWS_RDS_IDENTIFIER", "orders"},
                                      {"AWS_REGION_NAME", "eu-west-1"},
                                      {"AWS_ACCESS_KEY_ID", "AKIATEST"},
                                      {"AWS_SECRET_ACCESS_KEY", "secret-of-the-test"},
                                      {"TIDEMARK_STATE_DIR", folder_.path()}};
  test::ManualClock clock_{"2026-11-24T12:00:00Z"};
  StopSignal stop_;
  test::ScriptedTransport transport_;
  Context context_{environment_, clock_, stop_, transport_, {}};
};

TEST_F(DoctorRoundsTest, LogsWhatIsNewAndWhatIsGoneAndNothingTwice) {
  const auto rounds = opened();
  const std::string first = logged_by_a_round(*rounds);
  EXPECT_THAT(first, HasSubstr("keys that never expire"));
  EXPECT_THAT(first, HasSubstr("could not be looked at with these credentials"));
  EXPECT_THAT(logged_by_a_round(*rounds), Not(HasSubstr("doctor:")));
  caller_ = "222222222222";
  const std::string third = logged_by_a_round(*rounds);
  EXPECT_THAT(third, HasSubstr("no longer so: credentials arn:aws:iam::111111111111:user/u"));
  EXPECT_THAT(third, HasSubstr("arn:aws:iam::222222222222:user/u are keys that never expire"));
}

TEST_F(DoctorRoundsTest, GoOnAfterARestartAndSayAgainThatADangerStands) {
  logged_by_a_round(*opened());
  EXPECT_THAT(logged_by_a_round(*opened()), Not(HasSubstr("doctor:")));
  date_ = "Tue, 24 Nov 2026 12:10:00 GMT";
  EXPECT_THAT(logged_by_a_round(*opened()),
              AllOf(HasSubstr("its clock is 600 s off"), Not(HasSubstr("as it was before"))));
  EXPECT_THAT(logged_by_a_round(*opened()),
              AllOf(HasSubstr("recovery is in danger as it was before (1 findings)"),
                    Not(HasSubstr("its clock"))));
}

TEST_F(DoctorRoundsTest, TellAllOfItWhenWhatWasFoundBeforeCannotBeRead) {
  const std::string path = findings_path(folder_.path());
  logged_by_a_round(*opened());
  const auto whole = read_file(path, 1 << 20);
  ASSERT_TRUE(whole);
  for (std::size_t length = 0; length + 1 < whole->size(); ++length) {
    ASSERT_TRUE(replace_file(path, whole->substr(0, length), 0600));
    EXPECT_EQ(read_findings(path).error().kind, ErrorKind::corrupt) << length;
  }
  EXPECT_THAT(logged_by_a_round(*opened()), HasSubstr("keys that never expire"));
}

TEST(Findings, AreReadAsTheyWereWritten) {
  const test::TemporaryFolder folder;
  const std::string path = findings_path(folder.path());
  EXPECT_EQ(read_findings(path).error().kind, ErrorKind::not_found);
  doctor::Findings findings;
  for (const auto severity : {doctor::Severity::critical, doctor::Severity::warning,
                              doctor::Severity::unknown, doctor::Severity::note})
    findings.push_back({severity, "check", "bucket \"a\"", "what", "means", "fix"});
  ASSERT_TRUE(write_findings(path, findings));
  EXPECT_EQ(*read_findings(path), findings);
  ASSERT_TRUE(replace_file(path, R"({"findings": [{"severity": "grave"}]})", 0600));
  EXPECT_EQ(read_findings(path).error().kind, ErrorKind::corrupt);
}

}  // namespace
}  // namespace tidemark::cli
