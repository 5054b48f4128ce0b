// split_command: no credential_process line hurts the splitter, and no word of it is invented.
#include <cstdint>

#include "aws/auth/process_credentials.h"

using namespace tidemark;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto words = aws::split_command(text);
  if (!words) return 0;
  std::size_t total = 0;
  for (const std::string& word : *words) total += word.size();
  CHECK(total <= text.size());
  return 0;
}
