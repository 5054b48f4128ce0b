#include "base/output_folder.h"

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <utility>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/output_file.h"

namespace tidemark {
namespace {

constexpr mode_t kPrivateFolder = 0700;

}  // namespace

Result<OutputFolder> OutputFolder::begin(const std::string& path) {
  std::error_code ignored;
  const bool is_free =
      !std::filesystem::exists(path, ignored) ||
      (std::filesystem::is_directory(path, ignored) && std::filesystem::is_empty(path, ignored));
  if (!is_free)
    return Error{ErrorKind::already_exists, fmt::format("{} is there already", path),
                 "name a folder that is new or empty"};
  std::string draft = fmt::format("{}.{}.new", path, ::getpid());
  if (::mkdir(draft.c_str(), kPrivateFolder) != 0) return file_error("make", path, errno);
  return OutputFolder(path, std::move(draft));
}

OutputFolder::OutputFolder(OutputFolder&& other) noexcept
    : path_(std::move(other.path_)), draft_(std::exchange(other.draft_, {})) {}

OutputFolder::~OutputFolder() {
  std::error_code ignored;
  if (!draft_.empty()) std::filesystem::remove_all(draft_, ignored);
}

Status OutputFolder::commit() {
  if (::rename(draft_.c_str(), path_.c_str()) != 0) return file_error("replace", path_, errno);
  draft_.clear();
  return sync_folder_of(path_);
}

}  // namespace tidemark
