// Environment: the variables of the process, as a value. config/ reads them; nobody else does.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace tidemark::aws {

using Environment = std::map<std::string, std::string>;

// The variable's text; absent when it is not set and also when it is empty, which is how a compose
// file or a unit passes on a variable that is not set.
inline std::optional<std::string> find_variable(const Environment& environment,
                                                const std::string& name) {
  const auto at = environment.find(name);
  if (at == environment.end() || at->second.empty()) return std::nullopt;
  return at->second;
}

}  // namespace tidemark::aws
