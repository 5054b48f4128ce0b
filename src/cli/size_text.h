// Sizes for people, in powers of ten: "1.4 MB".
#pragma once

#include <cstdint>
#include <string>

namespace tidemark::cli {

std::string size_text(std::uint64_t bytes);

}  // namespace tidemark::cli
