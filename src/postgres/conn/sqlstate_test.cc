#include "postgres/conn/sqlstate.h"

#include <gtest/gtest.h>

namespace tidemark::postgres {
namespace {

TEST(Sqlstate, SaysWhatACallerMayDo) {
  const std::pair<const char*, ErrorKind> cases[] = {
      {"08006", ErrorKind::unavailable},    {"28P01", ErrorKind::denied},
      {"28000", ErrorKind::denied},         {"42501", ErrorKind::denied},
      {"3D000", ErrorKind::not_found},      {"42P01", ErrorKind::not_found},
      {"42P04", ErrorKind::already_exists}, {"53300", ErrorKind::unavailable},
      {"53100", ErrorKind::exhausted},      {"55P03", ErrorKind::conflict},
      {"57014", ErrorKind::timed_out},      {"57P03", ErrorKind::unavailable},
      {"57P04", ErrorKind::not_found},      {"XX001", ErrorKind::corrupt},
      {"XX000", ErrorKind::rejected},       {"42601", ErrorKind::rejected},
      {"0A000", ErrorKind::unsupported},    {"40001", ErrorKind::conflict},
  };
  for (const auto& [sqlstate, kind] : cases)
    EXPECT_EQ(kind_of_sqlstate(sqlstate), kind) << sqlstate;
}

TEST(Sqlstate, ACodeThatWeDoNotKnowIsRejected) {
  EXPECT_EQ(kind_of_sqlstate(""), ErrorKind::rejected);
  EXPECT_EQ(kind_of_sqlstate("5"), ErrorKind::rejected);
  EXPECT_EQ(kind_of_sqlstate("ZZ999"), ErrorKind::rejected);
}

}  // namespace
}  // namespace tidemark::postgres
