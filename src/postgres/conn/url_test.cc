#include "postgres/conn/url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tidemark::postgres {
namespace {

TEST(Url, SaysWhereAndAsWhom) {
  const auto options = options_from_url(
      "postgresql://me%40home:s%3Acret@db.example:5433/my%20shop?sslrootcert=/ca.pem");
  ASSERT_TRUE(options);
  EXPECT_EQ(options->host, "db.example");
  EXPECT_EQ(options->port, 5433);
  EXPECT_EQ(options->user, "me@home");
  EXPECT_EQ(options->database, "my shop");
  EXPECT_EQ(options->password.reveal(), "s:cret");
  EXPECT_EQ(options->ssl_root_cert, "/ca.pem");
  EXPECT_EQ(options->ssl_mode, SslMode::verify_full);
}

TEST(Url, NeedsNoTlsForASocketUnlessToldOtherwise) {
  const auto socket = options_from_url("host=/run/postgresql user=me dbname=shop");
  ASSERT_TRUE(socket);
  EXPECT_EQ(socket->ssl_mode, SslMode::disable);
  const auto required = options_from_url("postgresql://me@db/shop?sslmode=require");
  ASSERT_TRUE(required);
  EXPECT_EQ(required->ssl_mode, SslMode::require);
}

TEST(Url, ThatCannotBeMeantIsRefusedWithoutItsPassword) {
  for (const char* url :
       {"postgresql://me:secretword@db:99999999/shop", "postgresql://me:secretword@/shop",
        "postgresql://:secretword@db/shop", "postgresql://me:secretword@db/shop?sslmode=prefer",
        "postgresql://me:secretword@db/shop?nonsense=1", "postgresql://me:secretword@[::1/shop"}) {
    const auto options = options_from_url(url);
    ASSERT_FALSE(options) << url;
    EXPECT_EQ(options.error().kind, ErrorKind::invalid_input) << url;
    EXPECT_THAT(options.error().message, testing::Not(testing::HasSubstr("secretword"))) << url;
  }
}

TEST(Url, IsToldFromASourcesName) {
  EXPECT_TRUE(looks_like_url("postgresql://db/shop"));
  EXPECT_TRUE(looks_like_url("host=db user=me"));
  EXPECT_FALSE(looks_like_url("orders"));
}

}  // namespace
}  // namespace tidemark::postgres
