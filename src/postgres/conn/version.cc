#include "postgres/conn/version.h"

#include <fmt/format.h>
#include <libpq-fe.h>

namespace tidemark::postgres {

std::string client_version() {
  const int number = PQlibVersion();  // 150014
  return fmt::format("{}.{}", number / 10'000, number % 10'000);
}

}  // namespace tidemark::postgres
