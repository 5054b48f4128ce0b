// The tables of the file that describe what is protected and where archives go.
#pragma once

#include <string>

#include "config/config.h"
#include "config/table_reader.h"

namespace tidemark::config {

inline constexpr std::string_view kDefaultPolicy = "default";
inline constexpr Seconds kGraceLeast = std::chrono::hours(24);

// As RDS writes identifiers.
std::string lower(std::string text);

Source read_source(const std::string& name, const toml::table& table, Faults& faults);
Repository read_repository(const toml::table& table, Faults& faults);

}  // namespace tidemark::config
