#include "aws/wire/query_client.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/manual_clock.h"
#include "tests/support/scripted_transport.h"

namespace tidemark::aws {
namespace {

using test::ManualClock;
using test::ScriptedTransport;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// Hands out "key1", and after each forget() the next one.
class CountingCredentials final : public CredentialProvider {
 public:
  Result<Credentials> get() override {
    if (failure) return *failure;
    return Credentials{.access_key_id = fmt::format("key{}", generation),
                       .secret_access_key = Secret("secret"),
                       .provider = "test"};
  }
  void forget() override { ++generation; }

  int generation = 1;
  std::optional<Error> failure;
};

std::string page(std::string_view id, std::string_view marker) {
  return fmt::format(
      "<DescribeDBSnapshotsResponse><DescribeDBSnapshotsResult><Marker>{}</Marker><DBSnapshots>"
      "<DBSnapshot><Id>{}</Id></DBSnapshot></DBSnapshots></DescribeDBSnapshotsResult>"
      "<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></DescribeDBSnapshotsResponse>",
      marker, id);
}

std::string error_body(std::string_view code) {
  return fmt::format(
      "<ErrorResponse><Error><Code>{}</Code><Message>m</Message></Error>"
      "<RequestId>r</RequestId></ErrorResponse>",
      code);
}

class QueryClientTest : public ::testing::Test {
 protected:
  QueryClient make(SenderOptions options = {}) {
    return QueryClient({.endpoint = "https://rds.eu-west-1.amazonaws.com",
                        .version = "2014-10-31",
                        .scope = {.region = "eu-west-1", .service = "rds"}},
                       {transport_, credentials_, clock_}, std::move(options));
  }

  Result<std::vector<std::string>> list() {
    std::vector<std::string> ids;
    const auto visit = [&](const XmlNode& result) -> Status {
      for (const XmlNode item : result.child("DBSnapshots").children("DBSnapshot"))
        ids.push_back(item.text("Id"));
      return Done{};
    };
    TRY(client_.for_each_page("DescribeDBSnapshots", {{"MaxRecords", "100"}}, visit));
    return ids;
  }

  std::string header(std::size_t request, std::string_view name) const {
    return std::string(net::find_header(transport_.requests[request].headers, name).value_or(""));
  }

  ScriptedTransport transport_;
  CountingCredentials credentials_;
  ManualClock clock_{"2026-11-22T02:00:00Z"};
  QueryClient client_ = make();
};

constexpr const char* kDone = "<XResponse><XResult><A>1</A></XResult></XResponse>";

TEST_F(QueryClientTest, SendsASignedForm) {
  transport_.then(200, kDone);
  const Result<XmlDocument> answer = client_.call("X", {{"Tags.Tag.1.Key", "a b"}});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(result_of(*answer).text("A"), "1");
  const net::HttpRequest& request = transport_.requests.at(0);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, "https://rds.eu-west-1.amazonaws.com/");
  EXPECT_EQ(request.body, "Action=X&Version=2014-10-31&Tags.Tag.1.Key=a%20b");
  EXPECT_THAT(
      header(0, "Authorization"),
      AllOf(HasSubstr("key1/20261122/eu-west-1/rds/aws4_request"), Not(HasSubstr("secret"))));
  EXPECT_EQ(client_.call_count(), 1u);
}

TEST_F(QueryClientTest, ErrorsNameActionCodeAndRequest) {
  transport_.then(404, error_body("DBSnapshotNotFound"));
  const Result<XmlDocument> answer = client_.call("DescribeDBSnapshots", {});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::not_found);
  EXPECT_EQ(answer.error().code, "DBSnapshotNotFound");
  EXPECT_EQ(answer.error().message,
            "DescribeDBSnapshots: DBSnapshotNotFound: m (status 404, request id r)");
  EXPECT_EQ(client_.call_count(), 1u);
}

TEST_F(QueryClientTest, EveryTransientFailureIsTriedAgainAndSignedAnew) {
  transport_.then(ErrorKind::unavailable)
      .then(503, "<html>")
      .then(400, error_body("Throttling"))
      .then(200, "<XResponse><XResu")
      .then(200, kDone);
  transport_.before_each = [&] { clock_.advance(Millis{1'000}); };
  ASSERT_TRUE(client_.call("X", {}));
  EXPECT_EQ(client_.call_count(), 5u);
  EXPECT_EQ(client_.retry_count(), 4u);
  EXPECT_NE(header(0, "X-Amz-Date"), header(4, "X-Amz-Date"));
  EXPECT_EQ(transport_.requests[0].body, transport_.requests[4].body);
}

TEST_F(QueryClientTest, PermanentFailuresAreNot) {
  for (const ErrorKind kind :
       {ErrorKind::denied, ErrorKind::exhausted, ErrorKind::cancelled, ErrorKind::invalid_input}) {
    transport_.then(kind);
    EXPECT_EQ(client_.call("X", {}).error().kind, kind);
  }
  EXPECT_EQ(client_.call_count(), 4u);
}

TEST_F(QueryClientTest, LostReplyShowsAsAlreadyExists) {
  transport_.then(ErrorKind::timed_out).then(400, error_body("DBSnapshotAlreadyExists"));
  EXPECT_EQ(client_.call("CreateDBSnapshot", {}).error().kind, ErrorKind::already_exists);
}

TEST_F(QueryClientTest, SuccessIsTheAnswerToThisVeryAction) {
  for (int i = 0; i < 5; ++i) transport_.then(200, "<html><body>Please log in</body></html>");
  EXPECT_EQ(client_.call("X", {}).error().kind, ErrorKind::unavailable);
  transport_.then(200, "<YResponse/>").then(200, "<XYResponse/>").then(200, "<XResponse/>");
  EXPECT_TRUE(client_.call("X", {}));
}

TEST_F(QueryClientTest, DeadlineCoversAllAttempts) {
  QueryClient client = make({.retry = {.attempts_max = 100, .deadline = Millis{100'000}}});
  transport_.otherwise = [](const net::HttpRequest& request) -> Result<net::HttpResponse> {
    EXPECT_LE(request.deadline, Millis{60'000});
    return Error{ErrorKind::unavailable, "x"};
  };
  transport_.before_each = [&] { clock_.advance(transport_.requests.back().deadline); };
  const TimePoint begin = clock_.now();
  EXPECT_FALSE(client.call("X", {}));
  EXPECT_LE(clock_.now() - begin, Millis{100'000});
  EXPECT_EQ(transport_.requests.size(), 2u);
}

TEST_F(QueryClientTest, ExpiredSessionIsRenewedOnce) {
  transport_.then(403, error_body("ExpiredToken")).then(200, kDone);
  ASSERT_TRUE(client_.call("X", {}));
  EXPECT_THAT(header(0, "Authorization"), HasSubstr("key1/"));
  EXPECT_THAT(header(1, "Authorization"), HasSubstr("key2/"));
  EXPECT_TRUE(clock_.sleeps.empty());

  transport_.then(403, error_body("ExpiredTokenException")).then(403, error_body("ExpiredToken"));
  EXPECT_EQ(client_.call("X", {}).error().kind, ErrorKind::denied);
  EXPECT_EQ(credentials_.generation, 3);
  EXPECT_EQ(client_.call_count(), 4u);
}

TEST_F(QueryClientTest, OneAttemptIsOneRequestWhateverComesOfIt) {
  const auto refused = [this](const auto& prepare) {
    transport_.requests.clear();
    prepare();
    transport_.then(200, kDone);
    const auto answer = client_.call("X", {}, Attempts::one);
    EXPECT_EQ(transport_.requests.size(), 1u);
    EXPECT_EQ(answer.error().kind, ErrorKind::unavailable);
    ASSERT_TRUE(client_.call("X", {}));
  };
  refused([this] { transport_.then(ErrorKind::unavailable); });
  refused([this] { transport_.then(400, error_body("Throttling")); });
  refused([this] { transport_.then(403, error_body("ExpiredToken")); });
  EXPECT_EQ(credentials_.generation, 2);  // the next call has what was lacking
}

TEST_F(QueryClientTest, WrongClockIsCorrectedOnceByTheServices) {
  const net::Headers date{{"Date", "Sun, 22 Nov 2026 03:00:00 GMT"}};
  for (const char* code : {"RequestTimeTooSkewed", "SignatureDoesNotMatch", "RequestExpired",
                           "InvalidSignatureException", "AuthFailure"}) {
    SCOPED_TRACE(code);
    QueryClient client = make();
    transport_.requests.clear();
    transport_.then(403, error_body(code), date).then(200, kDone, date);
    ASSERT_TRUE(client.call("X", {}));
    EXPECT_EQ(header(0, "X-Amz-Date"), "20261122T020000Z");
    EXPECT_EQ(header(1, "X-Amz-Date"), "20261122T030000Z");
    EXPECT_EQ(credentials_.generation, 1);
    EXPECT_EQ(client.clock_skew(), std::chrono::hours(1));
  }
}

TEST_F(QueryClientTest, CorrectionFollowsAClockThatIsPutRight) {
  const net::Headers date{{"Date", "Sun, 22 Nov 2026 03:00:00 GMT"}};
  transport_.then(200, kDone, date);
  ASSERT_TRUE(client_.call("X", {}));
  clock_.set(*parse_time("2026-11-22T03:00:00Z"));
  transport_.then(403, error_body("RequestTimeTooSkewed"), date).then(200, kDone, date);
  ASSERT_TRUE(client_.call("X", {}));
  EXPECT_EQ(header(1, "X-Amz-Date"), "20261122T040000Z");
  EXPECT_EQ(header(2, "X-Amz-Date"), "20261122T030000Z");
  EXPECT_EQ(client_.clock_skew(), Millis{0});
}

TEST_F(QueryClientTest, WrongSecretIsNotTakenForAWrongClock) {
  const net::Headers date{{"Date", "Sun, 22 Nov 2026 02:03:00 GMT"}};
  transport_.then(403, error_body("SignatureDoesNotMatch"), date);
  EXPECT_EQ(client_.call("X", {}).error().kind, ErrorKind::denied);
  EXPECT_EQ(client_.call_count(), 1u);
  EXPECT_EQ(client_.clock_skew(), std::chrono::minutes(3));
}

TEST_F(QueryClientTest, EndlessSkewEnds) {
  // A service whose clock runs away with each answer.
  int hours = 3;
  transport_.otherwise = [&](const net::HttpRequest&) -> Result<net::HttpResponse> {
    return net::HttpResponse{403,
                             {{"Date", fmt::format("Sun, 22 Nov 2026 {:02}:00:00 GMT", hours++)}},
                             error_body("RequestTimeTooSkewed")};
  };
  EXPECT_EQ(client_.call("X", {}).error().kind, ErrorKind::denied);
  EXPECT_EQ(client_.call_count(), 2u);
}

TEST_F(QueryClientTest, SkewIsUnknownWithoutADate) {
  EXPECT_EQ(client_.clock_skew(), std::nullopt);
  transport_.then(200, kDone, {{"Date", "yesterday"}}).then(200, kDone);
  ASSERT_TRUE(client_.call("X", {}));
  ASSERT_TRUE(client_.call("X", {}));
  EXPECT_EQ(client_.clock_skew(), std::nullopt);
}

TEST_F(QueryClientTest, WithoutCredentialsNothingIsSent) {
  credentials_.failure = Error{ErrorKind::denied, "no credentials"};
  EXPECT_EQ(client_.call("X", {}).error().message, "X: no credentials");
  EXPECT_EQ(client_.call_count(), 0u);
}

TEST_F(QueryClientTest, EachAttemptIsObserved) {
  std::vector<std::string> seen;
  QueryClient client = make({.observe = [&](const AttemptRecord& record) {
    seen.push_back(fmt::format("{} {} {} {} {}", record.call, record.attempt, record.status,
                               record.request_id, record.error == nullptr));
  }});
  transport_.then(ErrorKind::unavailable).then(200, kDone, {{"x-amzn-RequestId", "id7"}});
  ASSERT_TRUE(client.call("X", {}));
  EXPECT_THAT(seen, ElementsAre("X 1 0  false", "X 2 200 id7 true"));
}

TEST_F(QueryClientTest, PagingReadsToTheEndWithAllParameters) {
  transport_.then(200, page("a", "m 1")).then(200, page("b", "m2")).then(200, page("c", ""));
  const auto ids = list();
  ASSERT_TRUE(ids) << ids.error().message;
  EXPECT_THAT(*ids, ElementsAre("a", "b", "c"));
  EXPECT_THAT(transport_.requests[0].body, Not(HasSubstr("Marker")));
  EXPECT_THAT(transport_.requests[1].body, HasSubstr("&MaxRecords=100&Marker=m%201"));
  EXPECT_THAT(transport_.requests[2].body, HasSubstr("&MaxRecords=100&Marker=m2"));
}

TEST_F(QueryClientTest, PageThatFailsFailsTheListing) {
  transport_.then(200, page("a", "m1")).then(403, error_body("AccessDenied"));
  EXPECT_EQ(list().error().kind, ErrorKind::denied);
}

TEST_F(QueryClientTest, PageIsRetriedByItself) {
  transport_.then(200, page("a", "m1")).then(503, error_body("SlowDown")).then(200, page("b", ""));
  EXPECT_THAT(*list(), ElementsAre("a", "b"));
}

TEST_F(QueryClientTest, MarkersThatComeAgainAreCorrupt) {
  transport_.then(200, page("a", "m1")).then(200, page("b", "m2")).then(200, page("c", "m1"));
  EXPECT_EQ(list().error().kind, ErrorKind::corrupt);
}

TEST_F(QueryClientTest, PageWithoutAResultIsNotAnEmptyPage) {
  transport_.then(200, "<DescribeDBSnapshotsResponse/>");
  EXPECT_EQ(list().error().kind, ErrorKind::corrupt);
}

TEST_F(QueryClientTest, VisitorsErrorEndsTheListing) {
  transport_.then(200, page("a", "m1"));
  const auto visit = [](const XmlNode&) -> Status { return Error{ErrorKind::unsafe, "no"}; };
  EXPECT_EQ(client_.for_each_page("DescribeDBSnapshots", {}, visit).error().kind,
            ErrorKind::unsafe);
  EXPECT_EQ(client_.call_count(), 1u);
}

// Test-matrix 27 and 29 in small: whatever happens to the calls, a success is a true one.
TEST_F(QueryClientTest, NoMixOfFaultsMakesAFalseSuccess) {
  std::mt19937 random(20261122);
  bool honest = false;
  transport_.otherwise = [&](const net::HttpRequest&) -> Result<net::HttpResponse> {
    honest = false;
    const std::string whole = kDone;
    switch (random() % 9) {
      case 0: return Error{ErrorKind::unavailable, "reset"};
      case 1: return Error{ErrorKind::timed_out, "slow"};
      case 2: return net::HttpResponse{200, {}, whole.substr(0, random() % whole.size())};
      case 3: return net::HttpResponse{503, {}, kDone};
      case 4: return net::HttpResponse{200, {}, error_body("InternalError")};
      case 5: return net::HttpResponse{307, {{"Location", "file:///etc/passwd"}}, ""};
      case 6: return net::HttpResponse{429, {{"Retry-After", "999999"}}, ""};
      case 7: return net::HttpResponse{200, {{"Date", "Thu, 01 Jan 1970 00:00:00 GMT"}}, "{}"};
      default: honest = true; return net::HttpResponse{200, {}, kDone};
    }
  };
  for (int i = 0; i < 300; ++i) {
    const bool success = bool(client_.call("X", {}));
    EXPECT_EQ(success, honest);
  }
}

}  // namespace
}  // namespace tidemark::aws
