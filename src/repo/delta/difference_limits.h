// What a difference may hold at most, for its writer and its reader alike.
#pragma once

#include <cstddef>

namespace tidemark::repo {

inline constexpr std::size_t kScriptStepsMax = std::size_t{1} << 20;

}  // namespace tidemark::repo
