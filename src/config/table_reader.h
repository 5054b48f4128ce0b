// Reads the known keys of one TOML table and complains about everything else.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <toml++/toml.h>

#include "base/result.h"
#include "base/time.h"

namespace tidemark::config {

// Faults found so far, each "file:line: text".
class Faults {
 public:
  explicit Faults(std::string file) : file_(std::move(file)) {}

  void add(const toml::node& where, std::string_view text);
  void add(std::string_view text);
  const std::vector<std::string>& all() const { return all_; }

 private:
  std::string file_;
  std::vector<std::string> all_;
};

// Borrows the table and the faults. Each getter marks its key as known and gives the value, or
// nullopt when the key is absent or of the wrong type (which is a fault). finish() turns every key
// that nobody asked for into a fault, with the nearest known one.
class TableReader {
 public:
  TableReader(const toml::table& table, std::string name, Faults& faults)
      : table_(table), name_(std::move(name)), faults_(faults) {}

  std::optional<std::string> text(std::string_view key);
  std::optional<int> integer(std::string_view key, int least, int most);
  std::optional<bool> boolean(std::string_view key);
  std::optional<Seconds> duration(std::string_view key, Seconds least);
  const toml::table* table(std::string_view key);
  // A list of texts, none of them empty; empty when the key is absent.
  std::vector<std::string> texts(std::string_view key);
  // The tables of [[key]].
  std::vector<const toml::table*> tables(std::string_view key);

  // A fault at the key's line, or at the table's when the key is absent.
  void fault(std::string_view key, std::string_view text);
  void finish();

 private:
  const toml::node* find(std::string_view key);
  void wrong_type(const toml::node& node, std::string_view key, std::string_view wanted);
  std::string path(std::string_view key) const;

  const toml::table& table_;
  std::string name_;
  Faults& faults_;
  std::vector<std::string> known_;
};

}  // namespace tidemark::config
