// Tables for tests: rows of COPY text from a seed, and the same table a day later.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "repo/codec/chunk_codec.h"

namespace tidemark::repo {

// A table with a column of every form, nulls, and values that are almost of a form.
class SampleTable {
 public:
  explicit SampleTable(unsigned seed) : random_(seed) {}

  void grow(int count) {
    for (int i = 0; i < count; ++i) rows_.push_back(new_row());
  }

  // Some rows change in place, some move, some go, some come.
  void live_a_day(int changes) {
    for (int i = 0; i < changes && !rows_.empty(); ++i) {
      const std::size_t at = below(rows_.size());
      switch (below(5)) {
        case 0: rows_.erase(rows_.begin() + static_cast<std::ptrdiff_t>(at)); break;
        case 1: {  // an updated row that found no room where it was
          std::string moved = changed(rows_[at]);
          rows_.erase(rows_.begin() + static_cast<std::ptrdiff_t>(at));
          rows_.insert(rows_.begin() + static_cast<std::ptrdiff_t>(below(rows_.size() + 1)), moved);
          break;
        }
        case 2:
          rows_.insert(rows_.begin() + static_cast<std::ptrdiff_t>(below(rows_.size() + 1)),
                       new_row());
          break;
        default: rows_[at] = changed(rows_[at]);
      }
    }
  }

  Bytes text() const {
    Bytes all;
    for (const std::string& row : rows_) all += row + "\n";
    return all;
  }

 private:
  std::size_t below(std::size_t limit) { return random_() % limit; }

  std::string new_row() {
    const int id = ++last_id_;
    std::string row = std::to_string(id) + "\t" + std::to_string(id * 3 / 2) + ".50\t";
    row += "2026-11-" + std::to_string(10 + below(20)) + " 08:0" + std::to_string(below(10)) +
           ":15." + std::to_string(1 + below(9)) + "+00\t";
    row += below(9) == 0 ? "\\N" : "2024-02-" + std::to_string(10 + below(20));
    char uuid[64];
    std::snprintf(uuid, sizeof(uuid), "%08x-1234-4abc-8def-%012lx",
                  static_cast<unsigned>(random_()), static_cast<unsigned long>(random_()));
    row += std::string("\t") + uuid + "\t\\\\x";
    for (std::size_t i = below(20); i > 0; --i) row += below(2) == 0 ? "3f" : "a0";
    row += below(2) == 0 ? "\tt" : "\tf";
    row += "\t" + std::string(below(40), 'w') + " free \\t text\t" + std::to_string(below(100000));
    row += below(50) == 0 ? "\t007" : "\t" + std::to_string(below(1000));
    return row;
  }

  std::string changed(const std::string& row) {
    const std::size_t last_tab = row.rfind('\t');
    const std::size_t before = row.rfind('\t', last_tab - 1);
    return row.substr(0, before + 1) + std::to_string(below(100000)) + row.substr(last_tab);
  }

  std::mt19937 random_;
  std::vector<std::string> rows_;
  int last_id_ = 0;
};

}  // namespace tidemark::repo
