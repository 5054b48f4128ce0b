#include "aws/iam/simulate.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aws/rds/audit_calls.h"
#include "tests/support/fixed_credentials.h"
#include "tests/support/manual_clock.h"
#include "tests/support/scripted_transport.h"

namespace tidemark::aws::iam {
namespace {

using ::testing::HasSubstr;

class SimulateTest : public ::testing::Test {
 protected:
  static std::string result(std::string_view action, std::string_view decision) {
    return fmt::format(
        "<member><EvalActionName>{}</EvalActionName><EvalResourceName>r"
        "</EvalResourceName><EvalDecision>{}</EvalDecision></member>",
        action, decision);
  }
  void answer(const std::string& members, bool truncated = false) {
    transport_.then(200, fmt::format("<SimulatePrincipalPolicyResponse>"
                                     "<SimulatePrincipalPolicyResult><IsTruncated>{}</IsTruncated>"
                                     "<EvaluationResults>{}</EvaluationResults>"
                                     "</SimulatePrincipalPolicyResult>"
                                     "</SimulatePrincipalPolicyResponse>",
                                     truncated, members));
  }

  test::ScriptedTransport transport_;
  test::FixedCredentials credentials_;
  test::ManualClock clock_{"2026-11-24T12:00:00Z"};
  QueryClient query_{service_for("eu-west-1", ""), {transport_, credentials_, clock_}};
};

TEST_F(SimulateTest, AsksEachActionAndReadsEachDecision) {
  answer(result("s3:GetObject", "allowed") + result("s3:PutObject", "implicitDeny") +
         result("s3:DeleteObject", "explicitDeny"));
  const auto answers = simulate(
      query_, {"arn:u", {"s3:GetObject", "s3:PutObject", "s3:DeleteObject"}, {"r"}, "10.0.0.1"});
  ASSERT_TRUE(answers) << answers.error().message;
  EXPECT_EQ((*answers)[0].decision, Decision::allowed);
  EXPECT_EQ((*answers)[1].decision, Decision::implicit_deny);
  EXPECT_EQ((*answers)[2].decision, Decision::explicit_deny);
  const std::string& body = transport_.requests[0].body;
  EXPECT_EQ(transport_.requests[0].url, "https://iam.amazonaws.com/");
  EXPECT_THAT(body, HasSubstr("ActionNames.member.3=s3%3ADeleteObject"));
  EXPECT_THAT(body, HasSubstr("ContextKeyName=aws%3ASourceIp"));
}

TEST_F(SimulateTest, AMissingOrUnknownAnswerIsCorrupt) {
  const Question question{"arn:u", {"s3:GetObject"}, {"r"}, ""};
  answer("");
  EXPECT_EQ(simulate(query_, question).error().kind, ErrorKind::corrupt);
  answer(result("s3:GetObject", "perhaps"));
  EXPECT_EQ(simulate(query_, question).error().kind, ErrorKind::corrupt);
  answer(result("s3:GetObject", "allowed"), true);
  EXPECT_EQ(simulate(query_, question).error().kind, ErrorKind::corrupt);
}

TEST(PolicySource, OfASessionIsItsRole) {
  EXPECT_EQ(policy_source_of("arn:aws:sts::111122223333:assumed-role/keeper/i-0abc"),
            "arn:aws:iam::111122223333:role/keeper");
  EXPECT_EQ(policy_source_of("arn:aws-cn:sts::1:assumed-role/x/s"), "arn:aws-cn:iam::1:role/x");
  EXPECT_EQ(policy_source_of("arn:aws:iam::1:user/web"), "arn:aws:iam::1:user/web");
}

TEST(IamService, AnswersAtOnePlaceOfEachPartition) {
  EXPECT_EQ(service_for("ap-southeast-2", "").scope.region, "us-east-1");
  EXPECT_EQ(service_for("cn-northwest-1", "").endpoint, "https://iam.cn-north-1.amazonaws.com.cn");
  EXPECT_EQ(service_for("us-gov-east-1", "").scope.region, "us-gov-west-1");
  EXPECT_EQ(service_for("eu-west-1", "http://127.0.0.1:1").endpoint, "http://127.0.0.1:1");
}

TEST_F(SimulateTest, SharingAndParametersOfRdsAreRead) {
  transport_.then(
      200,
      "<DescribeDBSnapshotAttributesResponse><DescribeDBSnapshotAttributesResult>"
      "<DBSnapshotAttributesResult><DBSnapshotAttributes><DBSnapshotAttribute><AttributeName>"
      "restore"
      "</AttributeName><AttributeValues><AttributeValue>all</AttributeValue><AttributeValue>1"
      "</AttributeValue></AttributeValues></DBSnapshotAttribute></DBSnapshotAttributes>"
      "</DBSnapshotAttributesResult></DescribeDBSnapshotAttributesResult>"
      "</DescribeDBSnapshotAttributesResponse>");
  const auto shared = rds::shared_with(query_, "s");
  ASSERT_TRUE(shared) << shared.error().message;
  EXPECT_THAT(*shared, ::testing::ElementsAre("all", "1"));
  transport_.then(200,
                  "<DescribeDBParametersResponse><DescribeDBParametersResult><Parameters>"
                  "<Parameter><ParameterName>rds.force_ssl</ParameterName><ParameterValue>1"
                  "</ParameterValue></Parameter></Parameters></DescribeDBParametersResult>"
                  "</DescribeDBParametersResponse>");
  EXPECT_EQ(*rds::parameter_of(query_, "g", "rds.force_ssl"), "1");
  transport_.then(200,
                  "<DescribeDBParametersResponse><DescribeDBParametersResult><Parameters/>"
                  "</DescribeDBParametersResult></DescribeDBParametersResponse>");
  EXPECT_EQ(rds::parameter_of(query_, "g", "x").error().kind, ErrorKind::not_found);
}

}  // namespace
}  // namespace tidemark::aws::iam
