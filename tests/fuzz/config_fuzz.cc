// parse_config: no file hurts the reader; a fault is an error that names the file.
#include <cstdint>

#include "config/config.h"

using namespace tidemark;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto config = config::parse_config(text, "f.toml", {});
  if (config) {
    CHECK(!config->sources.empty());
  } else {
    CHECK(config.error().message.find("f.toml") != std::string::npos);
  }
  return 0;
}
