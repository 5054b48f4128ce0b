#include "config/table_reader.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/edit_distance.h"

namespace tidemark::config {

void Faults::add(const toml::node& where, std::string_view text) {
  all_.push_back(fmt::format("{}:{}: {}", file_, where.source().begin.line, text));
}

void Faults::add(std::string_view text) { all_.push_back(fmt::format("{}: {}", file_, text)); }

std::optional<std::string> TableReader::text(std::string_view key) {
  const toml::node* node = find(key);
  if (node == nullptr) return std::nullopt;
  const auto value = node->value_exact<std::string>();
  if (!value) wrong_type(*node, key, "a text in quotes");
  if (value && value->empty()) {
    faults_.add(*node, fmt::format("{} is empty", path(key)));
    return std::nullopt;
  }
  return value;
}

std::optional<int> TableReader::integer(std::string_view key, int least, int most) {
  const toml::node* node = find(key);
  if (node == nullptr) return std::nullopt;
  const auto value = node->value_exact<std::int64_t>();
  if (!value) {
    wrong_type(*node, key, "a whole number");
    return std::nullopt;
  }
  if (*value < least || *value > most) {
    faults_.add(*node,
                fmt::format("{} is {}; it must be {} to {}", path(key), *value, least, most));
    return std::nullopt;
  }
  return static_cast<int>(*value);
}

std::optional<bool> TableReader::boolean(std::string_view key) {
  const toml::node* node = find(key);
  if (node == nullptr) return std::nullopt;
  const auto value = node->value_exact<bool>();
  if (!value) wrong_type(*node, key, "true or false");
  return value;
}

std::optional<Seconds> TableReader::duration(std::string_view key, Seconds least) {
  const toml::node* node = find(key);
  if (node == nullptr) return std::nullopt;
  const auto value = node->value_exact<std::string>();
  if (!value) {
    wrong_type(*node, key, "a length of time in quotes, such as \"36h\" or \"7d\"");
    return std::nullopt;
  }
  const auto duration = parse_duration(*value);
  if (!duration) {
    faults_.add(*node, fmt::format("{}: {}; {}", path(key), duration.error().message,
                                   duration.error().hint));
    return std::nullopt;
  }
  if (*duration < least) {
    faults_.add(*node, fmt::format("{} is {}; it must be at least {}", path(key), *value,
                                   format_duration(least)));
    return std::nullopt;
  }
  return *duration;
}

const toml::table* TableReader::table(std::string_view key) {
  const toml::node* node = find(key);
  if (node == nullptr) return nullptr;
  if (node->as_table() == nullptr) wrong_type(*node, key, fmt::format("a table, [{}]", path(key)));
  return node->as_table();
}

std::vector<std::string> TableReader::texts(std::string_view key) {
  const toml::node* node = find(key);
  if (node == nullptr) return {};
  std::vector<std::string> all;
  const toml::array* list = node->as_array();
  if (list != nullptr)
    for (const toml::node& one : *list) {
      const auto value = one.value_exact<std::string>();
      if (value && !value->empty()) all.push_back(*value);
    }
  if (list == nullptr || all.empty() || all.size() != list->size()) {
    wrong_type(*node, key, "a list of texts in quotes, such as [\"command\", \"argument\"]");
    return {};
  }
  return all;
}

std::vector<const toml::table*> TableReader::tables(std::string_view key) {
  const toml::node* node = find(key);
  if (node == nullptr) return {};
  std::vector<const toml::table*> all;
  const toml::array* list = node->as_array();
  if (list != nullptr)
    for (const toml::node& one : *list)
      if (one.as_table() != nullptr) all.push_back(one.as_table());
  if (list == nullptr || all.size() != list->size())
    wrong_type(*node, key, fmt::format("tables, each headed [[{}]]", path(key)));
  return all;
}

void TableReader::fault(std::string_view key, std::string_view text) {
  const toml::node* node = table_.get(key);
  faults_.add(node == nullptr ? static_cast<const toml::node&>(table_) : *node,
              fmt::format("{}: {}", path(key), text));
}

void TableReader::finish() {
  for (const auto& [key, node] : table_) {
    const std::string_view name = key.str();
    if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
    const auto meant = nearest_word(name, known_);
    faults_.add(node, fmt::format("unknown key {}{}", path(name),
                                  meant ? fmt::format("; did you mean {}?", *meant) : ""));
  }
}

const toml::node* TableReader::find(std::string_view key) {
  known_.emplace_back(key);
  return table_.get(key);
}

void TableReader::wrong_type(const toml::node& node, std::string_view key,
                             std::string_view wanted) {
  faults_.add(node, fmt::format("{} must be {}", path(key), wanted));
}

std::string TableReader::path(std::string_view key) const {
  return name_.empty() ? std::string(key) : fmt::format("{}.{}", name_, key);
}

}  // namespace tidemark::config
