// parse_custom_archive: no bytes hurt the reader, and what it accepts is written again alike.
#include <cstdint>

#include "postgres/dump/custom_archive.h"

using namespace tidemark;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(reinterpret_cast<const char*>(data), size);
  const auto archive = postgres::parse_custom_archive(bytes);
  if (!archive) return 0;
  const Bytes once = postgres::encode_contents(*archive);
  const auto again = postgres::parse_custom_archive(once);
  CHECK(again && postgres::encode_contents(*again) == once);
  return 0;
}
