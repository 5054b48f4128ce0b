// A table of text: columns as wide as their widest cell, the last one ragged.
#pragma once

#include <string>
#include <vector>

namespace tidemark::report {

class Table {
 public:
  explicit Table(std::vector<std::string> heads) { add(std::move(heads)); }

  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace tidemark::report
