// Golden tables: files that a person reads as a specification and a test checks line by line.
//
// A file is made of blocks between blank lines. In a block, lines that begin with "#" are remarks,
// lines that begin with a blank are what the program answers, and the rest is what it is asked.
// TIDEMARK_UPDATE_GOLDEN=1 rewrites the answers; read the difference before committing it.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace tidemark::test {

using GoldenLines = std::vector<std::string>;

// The file with the answers that `answer` gives to the questions of each block.
inline std::string answered(const std::string& text,
                            const std::function<GoldenLines(const GoldenLines&)>& answer) {
  std::istringstream lines(text + "\n");
  std::string output;
  GoldenLines questions;
  const auto end_block = [&] {
    if (!questions.empty())
      for (const std::string& line : answer(questions)) output += "  " + line + "\n";
    questions.clear();
  };
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(' ')) continue;
    if (line.empty()) {
      end_block();
    } else if (!line.starts_with('#')) {
      questions.push_back(line);
    }
    output += line + "\n";
  }
  end_block();
  return output.substr(0, output.size() - 1);
}

// Checks every file of tests/golden/<folder>; there is at least one.
inline void check_golden(const std::string& folder,
                         const std::function<GoldenLines(const GoldenLines&)>& answer) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(
           std::filesystem::path(TIDEMARK_SOURCE_DIR) / "tests" / "golden" / folder))
    files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  ASSERT_FALSE(files.empty());
  for (const auto& path : files) {
    SCOPED_TRACE(path.string());
    std::ostringstream content;
    content << std::ifstream(path).rdbuf();
    const std::string actual = answered(content.str(), answer);
    if (std::getenv("TIDEMARK_UPDATE_GOLDEN") != nullptr)
      std::ofstream(path) << actual;
    else
      EXPECT_EQ(content.str(), actual);
  }
}

}  // namespace tidemark::test
