#include "aws/wire/service_error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aws/wire/error_codes.h"

namespace tidemark::aws {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct CodeCase {
  const char* code;
  int status;
  ErrorKind kind;
};

class Codes : public ::testing::TestWithParam<CodeCase> {};

TEST_P(Codes, AreSortedByWhatACallerMayDo) {
  EXPECT_EQ(kind_name(kind_of_code(GetParam().code, GetParam().status)),
            kind_name(GetParam().kind));
}

constexpr CodeCase kCases[] = {
    {"Throttling", 400, ErrorKind::unavailable},
    {"ThrottlingException", 400, ErrorKind::unavailable},
    {"ThrottledException", 400, ErrorKind::unavailable},
    {"RequestThrottledException", 400, ErrorKind::unavailable},
    {"TooManyRequestsException", 400, ErrorKind::unavailable},
    {"ProvisionedThroughputExceededException", 400, ErrorKind::unavailable},
    {"TransactionInProgressException", 400, ErrorKind::unavailable},
    {"RequestLimitExceeded", 400, ErrorKind::unavailable},
    {"BandwidthLimitExceeded", 400, ErrorKind::unavailable},
    {"LimitExceededException", 400, ErrorKind::unavailable},
    {"RequestThrottled", 400, ErrorKind::unavailable},
    {"SlowDown", 503, ErrorKind::unavailable},
    {"PriorRequestNotComplete", 400, ErrorKind::unavailable},
    {"EC2ThrottledException", 400, ErrorKind::unavailable},
    {"RequestTimeout", 400, ErrorKind::unavailable},
    {"InternalError", 200, ErrorKind::unavailable},
    {"InternalFailure", 500, ErrorKind::unavailable},
    {"", 500, ErrorKind::unavailable},
    {"", 502, ErrorKind::unavailable},
    {"Unheard.Of", 503, ErrorKind::unavailable},
    {"", 504, ErrorKind::unavailable},
    {"", 429, ErrorKind::unavailable},
    {"ExpiredToken", 403, ErrorKind::denied},
    {"ExpiredTokenException", 400, ErrorKind::denied},
    {"RequestExpired", 400, ErrorKind::denied},
    {"RequestTimeTooSkewed", 403, ErrorKind::denied},
    {"InvalidClientTokenId", 403, ErrorKind::denied},
    {"UnrecognizedClientException", 400, ErrorKind::denied},
    {"SignatureDoesNotMatch", 403, ErrorKind::denied},
    {"AccessDenied", 403, ErrorKind::denied},
    {"MissingAuthenticationToken", 403, ErrorKind::denied},
    {"OptInRequired", 403, ErrorKind::denied},
    {"KMSKeyNotAccessibleFault", 400, ErrorKind::denied},
    {"", 403, ErrorKind::denied},
    {"DBSnapshotNotFound", 404, ErrorKind::not_found},
    {"DBInstanceNotFoundFault", 404, ErrorKind::not_found},
    {"NoSuchKey", 404, ErrorKind::not_found},
    {"NoSuchUpload", 404, ErrorKind::not_found},
    {"ObjectLockConfigurationNotFoundError", 404, ErrorKind::not_found},
    {"", 404, ErrorKind::not_found},
    {"DBSnapshotAlreadyExists", 400, ErrorKind::already_exists},
    {"EntityAlreadyExists", 409, ErrorKind::already_exists},
    {"InvalidDBInstanceState", 400, ErrorKind::conflict},
    {"InvalidDBSnapshotState", 400, ErrorKind::conflict},
    {"InvalidDBClusterSnapshotStateFault", 400, ErrorKind::conflict},
    {"PreconditionFailed", 412, ErrorKind::conflict},
    {"SnapshotQuotaExceeded", 400, ErrorKind::exhausted},
    {"StorageQuotaExceeded", 400, ErrorKind::exhausted},
    {"InsufficientDBInstanceCapacity", 400, ErrorKind::exhausted},
    {"InvalidParameterValue", 400, ErrorKind::invalid_input},
    {"InvalidParameterCombination", 400, ErrorKind::invalid_input},
    {"InvalidAction", 400, ErrorKind::unsupported},
    {"InvalidRestoreFault", 400, ErrorKind::rejected},
    {"PermanentRedirect", 301, ErrorKind::rejected},
    {"", 400, ErrorKind::rejected},
};

INSTANTIATE_TEST_SUITE_P(Table, Codes, ::testing::ValuesIn(kCases));

constexpr const char* kQueryError =
    "<ErrorResponse xmlns=\"http://rds.amazonaws.com/doc/2014-10-31/\"><Error><Type>Sender</Type>"
    "<Code>AccessDenied</Code><Message>User: arn:aws:iam::1:user/x is not authorized to perform: "
    "rds:CreateDBSnapshot on resource: arn:aws:rds:eu-west-1:1:db:orders</Message></Error>"
    "<RequestId>4f1e</RequestId></ErrorResponse>";

TEST(ServiceError, KeepsWhatTheServiceSaidAboutAction) {
  const Error error = service_error({403, {}, kQueryError});
  EXPECT_EQ(error.kind, ErrorKind::denied);
  EXPECT_EQ(error.code, "AccessDenied");
  EXPECT_EQ(error.message,
            "AccessDenied: User: arn:aws:iam::1:user/x is not authorized to perform: "
            "rds:CreateDBSnapshot on resource: arn:aws:rds:eu-west-1:1:db:orders "
            "(status 403, request id 4f1e)");
  EXPECT_THAT(error.hint, HasSubstr("tidemark iam"));
}

TEST(ServiceError, LeavesOutTheRequestThatASignatureErrorGivesBack) {
  net::HttpResponse response{.status = 403, .headers = {}, .body = {}};
  response.body =
      "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>The signature does not "
      "match.\n\nThe Canonical String for this request should have been\n'POST\n/\n"
      "x-amz-security-token:SESSION-TOKEN'</Message></Error></ErrorResponse>";
  const Error error = service_error(response);
  EXPECT_THAT(error.message, HasSubstr("does not match"));
  EXPECT_THAT(error.message, Not(HasSubstr("SESSION-TOKEN")));
}

TEST(ServiceError, ReadsTheErrorOfS3) {
  const Error error =
      service_error({404,
                     {},
                     "<?xml version=\"1.0\"?>\n<Error><Code>NoSuchKey</Code><Message>m</Message>"
                     "<RequestId>7</RequestId></Error>"});
  EXPECT_EQ(error.kind, ErrorKind::not_found);
  EXPECT_EQ(error.message, "NoSuchKey: m (status 404, request id 7)");
}

TEST(ServiceError, ReadsJsonInItsShapes) {
  const Error kms = service_error(
      {400, {}, R"({"__type":"com.amazonaws.kms#NotFoundException","message":"no key"})"});
  EXPECT_EQ(kms.code, "NotFoundException");
  EXPECT_EQ(kms.kind, ErrorKind::not_found);
  const Error ecs = service_error({403, {}, R"({"code":"AccessDenied","Message":"m"})"});
  EXPECT_EQ(ecs.message, "AccessDenied: m (status 403)");
  const Error header = service_error(
      {429, {{"X-Amzn-ErrorType", "TooManyRequestsException:http://x"}}, R"({"message":"m"})"});
  EXPECT_EQ(header.code, "TooManyRequestsException");
}

TEST(ServiceError, AnswerWithoutABodyIsSortedByStatus) {
  const Error error = service_error({404, {{"x-amz-request-id", "R1"}}, ""});
  EXPECT_EQ(error.kind, ErrorKind::not_found);
  EXPECT_EQ(error.message, "no readable error (status 404, request id R1)");
}

TEST(ServiceError, PageOfALoadBalancerIsUnavailable) {
  for (const char* body : {"<html><body><h1>502 Bad Gateway</h1><hr></body></html>", "<Error>",
                           "{\"message\":", "oops", "<Error/>", "[]", "\xff\xfe"}) {
    EXPECT_EQ(service_error({502, {}, body}).kind, ErrorKind::unavailable) << body;
  }
}

TEST(ServiceError, RemoteTextIsBoundedAndInert) {
  const std::string flood(100'000, 'x');
  const Error error = service_error(
      {400,
       {{"x-amz-request-id", flood}},
       "<Error><Code>A\x1b[2J" + flood + "</Code><Message>b\n\x07" + flood + "</Message></Error>"});
  EXPECT_LT(error.message.size(), 800u);
  EXPECT_LT(error.code.size(), 110u);
  EXPECT_THAT(error.message, Not(HasSubstr("\x1b")));
  EXPECT_THAT(error.message, Not(HasSubstr("\n")));
}

TEST(ReadXml, SuccessIsTheDocument) {
  const Result<XmlDocument> document = read_xml({200, {}, "<R><A>1</A></R>"});
  ASSERT_TRUE(document);
  EXPECT_EQ(document->root().text("A"), "1");
}

TEST(ReadXml, ErrorWithStatus200IsAnError) {
  const Result<XmlDocument> document =
      read_xml({200, {}, "<Error><Code>InternalError</Code><Message>m</Message></Error>"});
  ASSERT_FALSE(document);
  EXPECT_EQ(document.error().kind, ErrorKind::unavailable);
  EXPECT_FALSE(read_xml({200, {}, kQueryError}));
}

TEST(ReadXml, CutShortIsUnavailable) {
  for (const char* body : {"", "<R><A>1</A>", "<html><br></html>", "{}"}) {
    const Result<XmlDocument> document = read_xml({200, {}, body});
    ASSERT_FALSE(document) << body;
    EXPECT_EQ(document.error().kind, ErrorKind::unavailable);
  }
}

TEST(ReadXml, TooLargeIsNotTriedAgain) {
  std::string deep;
  for (int i = 0; i < 1000; ++i) deep += "<a>";
  for (int i = 0; i < 1000; ++i) deep += "</a>";
  EXPECT_EQ(read_xml({200, {}, deep}).error().kind, ErrorKind::exhausted);
}

}  // namespace
}  // namespace tidemark::aws
