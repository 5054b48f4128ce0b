// Objects that go up in parts: the order of requests, and what is left when one of them fails.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aws/s3/s3_client.h"
#include "tests/support/fixed_credentials.h"
#include "tests/support/manual_clock.h"
#include "tests/support/scripted_transport.h"

namespace tidemark::aws {
namespace {

using net::HttpRequest;
using net::HttpResponse;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// As much of S3 as a multipart upload needs.
class FakeBucket {
 public:
  Result<HttpResponse> answer(const HttpRequest& request) {
    const std::string call =
        request.method + " " + request.url.substr(request.url.find('/', 8) + 1);
    calls.push_back(call);
    if (const auto fault = faults.find(call); fault != faults.end()) return fault->second(request);
    if (call == "HEAD big" && !object) return HttpResponse{404, {}, ""};
    if (call == "HEAD big") return head();
    if (call == "GET big") return HttpResponse{404, {}, "<Error><Code>NoSuchKey</Code></Error>"};
    if (call == "POST big?uploads=") {
      return HttpResponse{
          200,
          {},
          "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>"};
    }
    if (call.starts_with("PUT big?partNumber=")) {
      parts += request.body;
      return HttpResponse{200, {{"ETag", "\"e&" + std::to_string(calls.size()) + "\""}}, ""};
    }
    if (call == "POST big?uploadId=u") {
      completion = request;
      object = parts;
      return HttpResponse{200, {}, "\n \n<CompleteMultipartUploadResult/>"};
    }
    if (call == "DELETE big?uploadId=u") return HttpResponse{204, {}, ""};
    return Error{ErrorKind::rejected, "no such call: " + call};
  }

  HttpResponse head() const {
    return {200,
            {{"Content-Length", std::to_string(object->size())},
             {"Last-Modified", "Sun, 22 Nov 2026 01:00:00 GMT"}},
            ""};
  }

  std::map<std::string, std::function<Result<HttpResponse>(const HttpRequest&)>> faults;
  std::vector<std::string> calls;
  std::string parts;
  std::optional<std::string> object;
  HttpRequest completion;
};

class MultipartTest : public ::testing::Test {
 protected:
  MultipartTest() {
    transport_.otherwise = [&](const HttpRequest& request) { return bucket_.answer(request); };
    client_ =
        *S3Client::open({.bucket = "backups", .region = "eu-west-1", .path_style = false},
                        {transport_, credentials_, clock_},
                        {.single_put_bytes_max = 10, .part_bytes = 4}, [](const AttemptRecord&) {});
  }
  void fail(const std::string& call, int status, std::string_view code) {
    const std::string body = fmt::format("<Error><Code>{}</Code></Error>", code);
    bucket_.faults[call] = [status, body](const HttpRequest&) {
      return HttpResponse{status, {}, body};
    };
  }

  FakeBucket bucket_;
  test::ScriptedTransport transport_;
  test::FixedCredentials credentials_;
  test::ManualClock clock_{"2026-11-22T02:00:00Z"};
  std::unique_ptr<S3Client> client_;
};

TEST_F(MultipartTest, SendsPartsInOrderAndLooksAtTheResult) {
  ASSERT_TRUE(client_->put("big", "0123456789a", PutCondition::none));
  EXPECT_THAT(bucket_.calls,
              ElementsAre("POST big?uploads=", "PUT big?partNumber=1&uploadId=u",
                          "PUT big?partNumber=2&uploadId=u", "PUT big?partNumber=3&uploadId=u",
                          "POST big?uploadId=u", "HEAD big"));
  EXPECT_EQ(*bucket_.object, "0123456789a");
  EXPECT_THAT(bucket_.completion.body,
              HasSubstr("<Part><PartNumber>2</PartNumber><ETag>&quot;e&amp;3&quot;</ETag>"));
  EXPECT_EQ(net::find_header(bucket_.completion.headers, "If-None-Match"), std::nullopt);
}

TEST_F(MultipartTest, WhatMustBeAbsentIsLookedForFirstAndRefusedAtLast) {
  ASSERT_TRUE(client_->put("big", "0123456789a", PutCondition::if_absent));
  EXPECT_EQ(net::find_header(bucket_.completion.headers, "If-None-Match"), "*");
  bucket_.calls.clear();
  EXPECT_EQ(client_->put("big", "0123456789b", PutCondition::if_absent).error().kind,
            ErrorKind::already_exists);
  EXPECT_THAT(bucket_.calls, ElementsAre("HEAD big"));
}

TEST_F(MultipartTest, AnotherWriterWhoWasFasterWins) {
  fail("POST big?uploadId=u", 412, "PreconditionFailed");
  EXPECT_EQ(client_->put("big", "0123456789a", PutCondition::if_absent).error().kind,
            ErrorKind::already_exists);
  EXPECT_EQ(bucket_.calls.back(), "DELETE big?uploadId=u");
}

TEST_F(MultipartTest, AnErrorThatComesWithStatus200IsAnError) {
  fail("POST big?uploadId=u", 200, "InternalError");
  EXPECT_EQ(client_->put("big", "0123456789a", PutCondition::none).error().kind,
            ErrorKind::unavailable);
  fail("POST big?uploadId=u", 200, "PreconditionFailed");
  EXPECT_EQ(client_->put("big", "0123456789a", PutCondition::if_absent).error().kind,
            ErrorKind::already_exists);
  EXPECT_EQ(bucket_.object, std::nullopt);
}

TEST_F(MultipartTest, AnUploadThatIsGoneMayBeBegunAnew) {
  fail("POST big?uploadId=u", 404, "NoSuchUpload");
  EXPECT_EQ(client_->put("big", "0123456789a", PutCondition::none).error().kind,
            ErrorKind::unavailable);
}

TEST_F(MultipartTest, EveryFailureAbortsTheUpload) {
  for (const char* call : {"PUT big?partNumber=1&uploadId=u", "PUT big?partNumber=3&uploadId=u",
                           "POST big?uploadId=u"}) {
    bucket_.faults.clear();
    bucket_.calls.clear();
    fail(call, 403, "AccessDenied");
    fail("DELETE big?uploadId=u", 404, "NoSuchUpload");  // as good as aborted
    EXPECT_EQ(client_->put("big", "0123456789a", PutCondition::none).error().kind,
              ErrorKind::denied);
    EXPECT_EQ(bucket_.calls.back(), "DELETE big?uploadId=u") << call;
  }
}

TEST_F(MultipartTest, TheFirstFailureIsReportedWhenTheAbortFailsToo) {
  fail("PUT big?partNumber=1&uploadId=u", 503, "SlowDown");
  fail("DELETE big?uploadId=u", 403, "AccessDenied");
  EXPECT_EQ(client_->put("big", "0123456789a", PutCondition::none).error().code, "SlowDown");
}

TEST_F(MultipartTest, APartWithoutAnETagIsNotThere) {
  bucket_.faults["PUT big?partNumber=2&uploadId=u"] = [](const HttpRequest&) {
    return HttpResponse{200, {}, ""};
  };
  EXPECT_EQ(client_->put("big", "0123456789a", PutCondition::none).error().kind,
            ErrorKind::unavailable);
  EXPECT_EQ(bucket_.calls.back(), "DELETE big?uploadId=u");
}

TEST_F(MultipartTest, AnObjectOfAnotherSizeIsCorrupt) {
  bucket_.faults["PUT big?partNumber=2&uploadId=u"] = [](const HttpRequest&) {
    return HttpResponse{200, {{"ETag", "\"e\""}}, ""};  // and the bytes are lost
  };
  EXPECT_EQ(client_->put("big", "0123456789a", PutCondition::none).error().kind,
            ErrorKind::corrupt);
}

TEST_F(MultipartTest, AListingOfUploadsThatNeverEndsIsAnError) {
  transport_.otherwise = [](const HttpRequest&) {
    return HttpResponse{200,
                        {},
                        "<ListMultipartUploadsResult><IsTruncated>true</IsTruncated>"
                        "<NextKeyMarker>p/a</NextKeyMarker></ListMultipartUploadsResult>"};
  };
  EXPECT_THAT(client_->abort_abandoned("p/", clock_.now()).error().message,
              HasSubstr("has no end"));
}

TEST_F(MultipartTest, WhatCannotBeLookedForIsNotSent) {
  fail("HEAD big", 403, "AccessDenied");
  EXPECT_EQ(client_->put("big", "0123456789a", PutCondition::if_absent).error().kind,
            ErrorKind::denied);
  EXPECT_THAT(bucket_.calls, ElementsAre("HEAD big"));
}

TEST_F(MultipartTest, AnAnswerThatConfirmsNothingIsNoSuccess) {
  bucket_.faults["POST big?uploadId=u"] = [](const HttpRequest&) {
    return HttpResponse{200, {}, "<Surprise/>"};
  };
  EXPECT_EQ(client_->put("big", "0123456789a", PutCondition::none).error().kind,
            ErrorKind::unavailable);
}

TEST_F(MultipartTest, OnlyUploadsOldEnoughAreAbandoned) {
  const auto upload = [](std::string_view key, std::string_view id, std::string_view begun) {
    return fmt::format(
        "<Upload><Key>{}</Key><UploadId>{}</UploadId><Initiated>{}</Initiated></Upload>", key, id,
        begun);
  };
  bucket_.faults["GET ?uploads=&prefix=p%2F&encoding-type=url&max-uploads=1000"] =
      [&](const HttpRequest&) {
        return HttpResponse{200,
                            {},
                            "<ListMultipartUploadsResult>" +
                                upload("p/a", "old", "2026-11-20T00:00:00Z") +
                                upload("p/a", "young", "2026-11-21T23:00:00Z") +
                                "<IsTruncated>true</IsTruncated><NextKeyMarker>p/a</NextKeyMarker>"
                                "<NextUploadIdMarker>young</NextUploadIdMarker>"
                                "</ListMultipartUploadsResult>"};
      };
  bucket_.faults
      ["GET ?uploads=&prefix=p%2F&encoding-type=url&max-uploads=1000&key-marker=p%2Fa"
       "&upload-id-marker=young"] = [&](const HttpRequest&) {
    return HttpResponse{200,
                        {},
                        "<ListMultipartUploadsResult>" +
                            upload("p/b", "older", "2026-11-19T00:00:00Z") +
                            "<IsTruncated>false</IsTruncated></ListMultipartUploadsResult>"};
  };
  for (const char* call : {"DELETE p/a?uploadId=old", "DELETE p/b?uploadId=older"})
    bucket_.faults[call] = [](const HttpRequest&) { return HttpResponse{204, {}, ""}; };
  const auto count = client_->abort_abandoned("p/", *parse_time("2026-11-21T00:00:00Z"));
  ASSERT_TRUE(count) << count.error().message;
  EXPECT_EQ(*count, 2u);
}

}  // namespace
}  // namespace tidemark::aws
