// When the PostgreSQL community stopped, or stops, mending a major version
// (https://www.postgresql.org/support/versioning/).
#pragma once

#include <optional>
#include <string_view>
#include <utility>

namespace tidemark::core {

// "14" of "14.9".
constexpr std::string_view major_of(std::string_view version) {
  return version.substr(0, version.find('.'));
}

// "2026-11-12", or nullopt for a version that is not known here.
constexpr std::optional<std::string_view> end_of_life(std::string_view version) {
  constexpr std::pair<std::string_view, std::string_view> kEnds[] = {
      {"9", "2021-11-11"},  {"10", "2022-11-10"}, {"11", "2023-11-09"}, {"12", "2024-11-21"},
      {"13", "2025-11-13"}, {"14", "2026-11-12"}, {"15", "2027-11-11"}, {"16", "2028-11-09"},
      {"17", "2029-11-08"}, {"18", "2030-11-14"}};
  for (const auto& [major, end] : kEnds)
    if (major == major_of(version)) return end;
  return std::nullopt;
}

}  // namespace tidemark::core
