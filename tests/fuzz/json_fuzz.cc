// parse_json: what it accepts can be written and read again, and comes out the same.
#include <cstdint>

#include "aws/wire/json.h"

using namespace tidemark;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto value = aws::parse_json({reinterpret_cast<const char*>(data), size});
  if (!value) {
    const ErrorKind kind = value.error().kind;
    CHECK(kind == ErrorKind::corrupt || kind == ErrorKind::exhausted);
    return 0;
  }
  const auto again = aws::parse_json(value->dump());
  CHECK(again && *again == *value);
  CHECK(aws::member(*value, "Code").is_null() || value->is_object());
  discard(Result<std::string>(aws::text_member(*value, "Code")), "only that it returns is tested");
  CHECK(!aws::integer_member(*value, "Version") || value->is_object());
  return 0;
}
