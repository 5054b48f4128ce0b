#include "cli/output_log.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tidemark::cli {

Result<OutputLog> OutputLog::open(const std::string& path) {
  Fd file(::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600));
  struct stat facts {};
  if (!file.open() || ::fstat(file.get(), &facts) != 0)
    return Error{ErrorKind::denied, fmt::format("cannot write {}: {}", path, std::strerror(errno))};
  return OutputLog(std::move(file), facts.st_size);
}

void OutputLog::note(const std::string& line) {
  const std::string text = line + "\n";
  // A full disk takes the program's own words, too: there is nobody to tell.
  if (::write(file_.get(), text.data(), text.size()) < 0) return;
  struct stat facts {};
  if (::fstat(file_.get(), &facts) == 0) begin_ = facts.st_size;
}

std::string OutputLog::last_words(std::size_t bytes_max) const {
  struct stat facts {};
  if (::fstat(file_.get(), &facts) != 0) return "";
  const off_t begin = std::max(begin_, facts.st_size - static_cast<off_t>(bytes_max));
  std::string text(static_cast<std::size_t>(std::max<off_t>(facts.st_size - begin, 0)), '\0');
  const ssize_t got = ::pread(file_.get(), text.data(), text.size(), begin);
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

}  // namespace tidemark::cli
