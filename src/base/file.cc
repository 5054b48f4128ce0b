#include "base/file.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/fd.h"

namespace tidemark {
namespace {

Error file_error(std::string_view doing, const std::string& path, int number) {
  ErrorKind kind = ErrorKind::rejected;
  if (number == ENOENT || number == ENOTDIR) kind = ErrorKind::not_found;
  if (number == EACCES || number == EPERM || number == EROFS) kind = ErrorKind::denied;
  if (number == ENOSPC || number == EDQUOT || number == EMFILE) kind = ErrorKind::exhausted;
  return Error{kind, fmt::format("cannot {} {}: {}", doing, path, std::strerror(number))};
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Status write_all(int fd, std::string_view content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return file_error("write", path, errno);
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return Done{};
}

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t bytes_max) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.open()) return file_error("read", path, errno);
  std::string content;
  char buffer[16384];
  for (;;) {
    const ssize_t got = ::read(fd.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return file_error("read", path, errno);
    if (got == 0) return content;
    content.append(buffer, static_cast<std::size_t>(got));
    if (content.size() > bytes_max)
      return Error{ErrorKind::exhausted,
                   fmt::format("{} is larger than {} bytes", path, bytes_max)};
  }
}

Status replace_file(const std::string& path, std::string_view content, unsigned mode) {
  const std::string draft = fmt::format("{}.{}.new", path, ::getpid());
  {
    const Fd fd(::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode));
    if (!fd.open()) return file_error("write", path, errno);
    Status written = write_all(fd.get(), content, path);
    if (written && ::fsync(fd.get()) != 0) written = file_error("sync", path, errno);
    if (!written) {
      ::unlink(draft.c_str());
      return written;
    }
  }
  if (::rename(draft.c_str(), path.c_str()) != 0) {
    const int number = errno;
    ::unlink(draft.c_str());
    return file_error("replace", path, number);
  }
  const Fd folder(::open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.open() || ::fsync(folder.get()) != 0)
    return file_error("sync the folder of", path, errno);
  return Done{};
}

}  // namespace tidemark
