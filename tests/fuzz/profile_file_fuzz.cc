// parse_profiles: no text in the shared files of AWS tools hurts the reader.
#include <cstdint>

#include "aws/auth/profile_file.h"

using namespace tidemark;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto kind : {aws::ProfileFileKind::config, aws::ProfileFileKind::credentials})
    discard(aws::parse_profiles(text, kind), "only that it returns is tested");
  return 0;
}
