#include "net/url.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "net/http.h"

namespace tidemark::net {
namespace {

TEST(Url, SplitsIntoItsParts) {
  const Result<Url> url = parse_url("https://RDS.eu-west-1.amazonaws.com:8443/a//b/../c%2f?x=1&y");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->scheme, "https");
  EXPECT_EQ(url->host, "rds.eu-west-1.amazonaws.com");
  EXPECT_EQ(url->port, 8443);
  EXPECT_EQ(url->path, "/a//b/../c%2f");
  EXPECT_EQ(url->query, "x=1&y");
  EXPECT_EQ(url->authority(), "rds.eu-west-1.amazonaws.com:8443");
}

TEST(Url, FillsInPathAndPort) {
  EXPECT_EQ(parse_url("http://a?q")->path, "/");
  EXPECT_EQ(parse_url("http://a")->port, 80);
  EXPECT_EQ(parse_url("https://a")->port, 443);
  EXPECT_EQ(parse_url("https://a:443/")->authority(), "a");
  EXPECT_EQ(parse_url("http://[fd00:EC2::254]:81/")->authority(), "[fd00:ec2::254]:81");
}

TEST(Url, RefusesWhatCouldMeanAnotherHost) {
  for (const char* text : {"",
                           "rds.amazonaws.com",
                           "ftp://a/",
                           "file:///etc/passwd",
                           "https://",
                           "https:///x",
                           "https://user:pass@evil/",
                           "https://a\\@b/",
                           "https://a#@b/",
                           "https://a b/",
                           "https://a/\n",
                           "https://a:0/",
                           "https://a:65536/",
                           "https://a:/",
                           "https://a:1x/",
                           "https://a..b/",
                           "https://.a/",
                           "https://[::1/",
                           "https://[::1]x/",
                           "https://[a]/",
                           "https://\xc3\xa4/",
                           "https://a%2eb/",
                           "https://a,b/"}) {
    SCOPED_TRACE(text);
    const Result<Url> url = parse_url(text);
    ASSERT_FALSE(url);
    EXPECT_EQ(url.error().kind, ErrorKind::invalid_input);
  }
}

TEST(Url, ErrorsRepeatNeitherQueryNorPassword) {
  const std::string query = parse_url("https://a b/?X-Amz-Signature=5ec2e7").error().message;
  EXPECT_EQ(query.find("5ec2e7"), std::string::npos) << query;
  const std::string user = parse_url("https://joe:hunter2@b/").error().message;
  EXPECT_EQ(user.find("hunter2"), std::string::npos) << user;
}

TEST(Url, KnowsThisMachine) {
  for (const char* host : {"localhost", "127.0.0.1", "127.9.9.9", "::1"})
    EXPECT_TRUE(is_loopback(host)) << host;
  for (const char* host : {"localhost.evil.com", "127.0.0.1.nip.io", "128.0.0.1", "::2", "127.1",
                           "2130706433", "", "169.254.169.254"})
    EXPECT_FALSE(is_loopback(host)) << host;
}

TEST(Url, EncodesAllButTheUnreserved) {
  EXPECT_EQ(percent_encode("AZaz09-._~"), "AZaz09-._~");
  EXPECT_EQ(percent_encode(" +*=/%\xc3\xa4"), "%20%2B%2A%3D%2F%25%C3%A4");
  EXPECT_EQ(percent_encode(std::string_view("\0\xff", 2)), "%00%FF");
  EXPECT_EQ(percent_encode_path("/a b//c/"), "/a%20b//c/");
}

TEST(Url, DecodingUndoesEncoding) {
  EXPECT_TRUE(rc::check("decode(encode(x)) == x", [](const std::string& text) {
    const Result<std::string> decoded = percent_decode(percent_encode(text));
    RC_ASSERT(bool(decoded));
    RC_ASSERT(*decoded == text);
  }));
}

TEST(Url, DecodingRefusesBrokenEscapes) {
  for (const char* text : {"%", "%4", "a%zz", "%4g", "%%41"}) EXPECT_FALSE(percent_decode(text));
  EXPECT_EQ(*percent_decode("a+b%2F%2f"), "a+b//");
}

TEST(Url, FormKeepsOrderAndEscapes) {
  EXPECT_EQ(form_encode({{"Action", "X"}, {"Tags.Tag.1.Key", "a b&c=d"}, {"Empty", ""}}),
            "Action=X&Tags.Tag.1.Key=a%20b%26c%3Dd&Empty=");
}

TEST(Http, HeaderNamesCompareWithoutCase) {
  const Headers headers{{"Content-Type", "a"}, {"DATE", "b"}, {"date", "c"}};
  EXPECT_EQ(find_header(headers, "content-type"), "a");
  EXPECT_EQ(find_header(headers, "Date"), "b");
  EXPECT_EQ(find_header(headers, "Dat"), std::nullopt);
}

}  // namespace
}  // namespace tidemark::net
