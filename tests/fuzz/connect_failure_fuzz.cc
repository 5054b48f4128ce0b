// What a server says before it knows us: one clean line, whatever it is.
#include <cstdint>

#include "postgres/conn/connect_failure.h"
#include "postgres/dump/large_objects.h"

using namespace tidemark;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  postgres::ConnectionOptions options;
  options.host = "db.example";
  options.user = "tidemark";
  const Error error = postgres::connect_error(text, false, options);
  for (const char c : error.message + error.code + error.hint) CHECK(c < 0 || c >= ' ');
  discard(postgres::decode_bytea(text), "only that it returns is tested");
  return 0;
}
