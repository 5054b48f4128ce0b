// TemporaryFolder: a new empty folder that goes with all that is in it.
#pragma once

#include <filesystem>
#include <string>

#include <stdlib.h>

#include "base/result.h"

namespace tidemark::test {

class TemporaryFolder {
 public:
  TemporaryFolder() : TemporaryFolder(std::filesystem::temp_directory_path()) {}
  explicit TemporaryFolder(const std::filesystem::path& parent) {
    path_ = (parent / "tidemark-test-XXXXXX").string();
    CHECK(::mkdtemp(path_.data()) != nullptr);
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::string& path() const { return path_; }
  std::string path(std::string_view inside) const { return path_ + "/" + std::string(inside); }

 private:
  std::string path_;
};

}  // namespace tidemark::test
