// parse_key_text: no text hurts it, and what it accepts is written and read again alike.
#include <cstdint>

#include "repo/seal/key_text.h"

using namespace tidemark;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto secret = repo::parse_key_text({reinterpret_cast<const char*>(data), size});
  if (!secret) return 0;
  const auto again = repo::parse_key_text(repo::format_key_text(*secret).reveal());
  CHECK(again && again->reveal() == secret->reveal());
  return 0;
}
