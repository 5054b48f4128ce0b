// OutputFolder: a folder that appears under its name when all its files are in it, or not at all.
#pragma once

#include <string>

#include "base/result.h"

namespace tidemark {

class OutputFolder {
 public:
  // Fails with already_exists when there is something at the path, but for an empty folder.
  static Result<OutputFolder> begin(const std::string& path);

  OutputFolder(OutputFolder&& other) noexcept;
  OutputFolder& operator=(OutputFolder&&) = delete;
  ~OutputFolder();

  const std::string& name() const { return path_; }
  // Where its files are to be written until commit().
  const std::string& draft() const { return draft_; }

  // Its files must be on disk already.
  Status commit();

 private:
  OutputFolder(std::string path, std::string draft)
      : path_(std::move(path)), draft_(std::move(draft)) {}

  std::string path_;
  std::string draft_;  // empty once it is committed
};

}  // namespace tidemark
