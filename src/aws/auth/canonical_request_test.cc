#include "aws/auth/canonical_request.h"

#include <gtest/gtest.h>

namespace tidemark::aws {
namespace {

const net::Headers kSuiteHeaders = {{"Host", "example.amazonaws.com"},
                                    {"X-Amz-Date", "20150830T123600Z"}};
constexpr std::string_view kEmptyHash =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

net::Url url(std::string path, std::string query = {}) {
  return net::Url{"https", "example.amazonaws.com", 443, std::move(path), std::move(query)};
}

std::string path_line(std::string path, PathRule rule) {
  const auto request = canonical_request("GET", url(std::move(path)), {}, rule, kEmptyHash);
  if (!request) return std::string(kind_name(request.error().kind));
  const std::size_t start = request->text.find('\n') + 1;
  return request->text.substr(start, request->text.find('\n', start) - start);
}

std::string query_line(std::string query) {
  const auto request =
      canonical_request("GET", url("/", std::move(query)), {}, PathRule::as_sent, kEmptyHash);
  if (!request) return std::string(kind_name(request.error().kind));
  const std::size_t start = request->text.find("/\n") + 2;
  return request->text.substr(start, request->text.find('\n', start) - start);
}

// The suite's get-utf8, normalize-path/get-space and get-vanilla-utf8-query: raw bytes in the URL.
TEST(CanonicalRequest, MatchesTheSuiteOnRawBytes) {
  const auto text = [](const net::Url& target) {
    return canonical_request("GET", target, kSuiteHeaders, PathRule::normalised_and_encoded_again,
                             kEmptyHash)
        ->text;
  };
  const std::string rest =
      "\nhost:example.amazonaws.com\nx-amz-date:20150830T123600Z\n\nhost;x-amz-date\n" +
      std::string(kEmptyHash);
  EXPECT_EQ(text(url("/\u1234")), "GET\n/%E1%88%B4\n" + rest);
  EXPECT_EQ(text(url("/example space/")), "GET\n/example%20space/\n" + rest);
  EXPECT_EQ(text(url("/", "\u1234=bar")), "GET\n/\n%E1%88%B4=bar" + rest);
}

TEST(CanonicalRequest, OtherServicesNormaliseThePathAndEncodeItAgain) {
  constexpr PathRule kRule = PathRule::normalised_and_encoded_again;
  EXPECT_EQ(path_line("/", kRule), "/");
  EXPECT_EQ(path_line("/a%20b", kRule), "/a%2520b");
  EXPECT_EQ(path_line("/a//b/./c/../d/", kRule), "/a/b/d/");
  EXPECT_EQ(path_line("/../../a", kRule), "/a");
  EXPECT_EQ(path_line("/a/..", kRule), "/");
  EXPECT_EQ(path_line("/100%", kRule), "invalid_input");
}

TEST(CanonicalRequest, S3KeepsThePathAndRespellsItsEscapes) {
  constexpr PathRule kRule = PathRule::as_sent;
  EXPECT_EQ(path_line("/a//b/./c/../d/", kRule), "/a//b/./c/../d/");
  EXPECT_EQ(path_line("/%7e%c3%bc+*'()", kRule), "/~%C3%BC%2B%2A%27%28%29");
  EXPECT_EQ(path_line("/a%2fb", kRule), "/a%2Fb");
  EXPECT_EQ(path_line("/100%", kRule), "invalid_input");
  EXPECT_EQ(path_line("/%1", kRule), "invalid_input");
}

TEST(CanonicalRequest, QueryIsSortedByEncodedBytes) {
  EXPECT_EQ(query_line(""), "");
  EXPECT_EQ(query_line("versions&prefix=a/b&Key=1"), "Key=1&prefix=a%2Fb&versions=");
  EXPECT_EQ(query_line("a=%c3%bc&a=z&a=*"), "a=%2A&a=%C3%BC&a=z");
  EXPECT_EQ(query_line("a-b=1&a=2"), "a=2&a-b=1");  // by name, not by the whole line
  EXPECT_EQ(query_line("a=b=c&&d"), "a=b%3Dc&d=");
  EXPECT_EQ(query_line("a=1+1"), "invalid_input");
  EXPECT_EQ(query_line("a=%"), "invalid_input");
}

TEST(CanonicalRequest, HeadersAreSortedJoinedAndTrimmed) {
  const auto request = canonical_request(
      "PUT", url("/"),
      {{"X-B", " two \t  words "}, {"x-a-b", "1"}, {"X-A", "1"}, {"x-b", ""}, {"TE", "trailers"}},
      PathRule::as_sent, kEmptyHash);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->signed_headers, "x-a;x-a-b;x-b");
  EXPECT_EQ(request->text, "PUT\n/\n\nx-a:1\nx-a-b:1\nx-b:two words,\n\nx-a;x-a-b;x-b\n" +
                               std::string(kEmptyHash));
}

}  // namespace
}  // namespace tidemark::aws
