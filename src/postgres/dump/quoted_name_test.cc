#include "postgres/dump/quoted_name.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace tidemark::postgres {
namespace {

TEST(QuotedName, AnyTwoNamesGoRound) {
  EXPECT_TRUE(rc::check("quote then parse", [](std::string schema, std::string name) {
    const auto parsed = parse_name(quote_name(QualifiedName{schema + "s", name}));
    RC_ASSERT(parsed);
    RC_ASSERT(parsed->schema == schema + "s");
    RC_ASSERT(parsed->name == name);
  }));
}

TEST(QuotedName, PlainOnesAreReadAsTheServerReadsThem) {
  EXPECT_EQ(parse_name("Orders")->name, "orders");
  EXPECT_EQ(parse_name("public.\"Orders\"")->name, "Orders");
  EXPECT_EQ(parse_name("public.o")->schema, "public");
  for (const char* const text : {"", "a.", ".a", "a.b.c", "a b", "\"a", "a; DROP TABLE b", "a.\"b"})
    EXPECT_EQ(parse_name(text).error().kind, ErrorKind::invalid_input) << text;
}

TEST(QuotedName, ATableIsDefinedUnderAnotherNameAndNothingElseIsDone) {
  const auto defined = define_table_as(
      "CREATE UNLOGGED TABLE public.\"a;b\" (\n    i integer DEFAULT ';'::text,\n    \"x;\" text\n"
      ")\nWITH (fillfactor='70');\nALTER TABLE ONLY public.\"a;b\" REPLICA IDENTITY FULL;\n",
      {"public", "c"});
  ASSERT_TRUE(defined) << defined.error().message;
  EXPECT_EQ(*defined,
            "CREATE TABLE \"public\".\"c\" (\n    i integer DEFAULT ';'::text,\n    \"x;\" text\n"
            ")\nWITH (fillfactor='70')");
}

TEST(QuotedName, ATableThatWouldBelongToAnotherOneIsRefused) {
  EXPECT_EQ(define_table_as("CREATE TABLE a.b (\n)\nINHERITS (a.c);\n", {"a", "d"}).error().kind,
            ErrorKind::unsupported);
  EXPECT_EQ(define_table_as("CREATE VIEW a.b AS SELECT 1;", {"a", "d"}).error().kind,
            ErrorKind::corrupt);
}

TEST(QuotedName, ADatabaseIsDefinedUnderAnotherName) {
  EXPECT_EQ(*define_database_as("CREATE DATABASE \"a b\" WITH TEMPLATE = template0 ENCODING = "
                                "'UTF8' LOCALE = 'C';\n",
                                "c\"d"),
            "CREATE DATABASE \"c\"\"d\" WITH TEMPLATE = template0 ENCODING = 'UTF8' LOCALE = 'C'");
  EXPECT_FALSE(define_database_as("CREATE TABLE a (i int);", "b"));
}

}  // namespace
}  // namespace tidemark::postgres
