// decode_settings: no tags hurt the reader, and what it accepts is written again alike.
#include <cstdint>

#include "aws/rds/settings_tags.h"

using namespace tidemark;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  core::Tags tags;
  for (std::size_t part = 0; part * 256 < text.size(); ++part)
    tags["tidemark:settings-" + std::to_string(part)] = text.substr(part * 256, 256);
  discard(aws::rds::decode_settings(tags), "only that it returns is tested");
  const auto settings = aws::rds::settings_from_json(text);
  if (!settings) return 0;
  const auto again = aws::rds::settings_from_json(aws::rds::settings_to_json(*settings));
  CHECK(again && *again == *settings);
  return 0;
}
