#include "base/output_file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>

namespace tidemark {
namespace {

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// Until a pipe takes something, or we shall stop.
Status wait_to_write(int fd, const StopSignal& stop) {
  pollfd wakes[2] = {{fd, POLLOUT, 0}, {stop.fd(), POLLIN, 0}};
  while (wakes[0].revents == 0) {
    if (stop.requested()) return stopped();
    ::poll(wakes, 2, -1);
  }
  return Done{};
}

}  // namespace

Error file_error(std::string_view doing, const std::string& path, int number) {
  ErrorKind kind = ErrorKind::rejected;
  if (number == ENOENT || number == ENOTDIR) kind = ErrorKind::not_found;
  if (number == EACCES || number == EPERM || number == EROFS) kind = ErrorKind::denied;
  if (number == ENOSPC || number == EDQUOT || number == EMFILE || number == EFBIG ||
      number == EPIPE)
    kind = ErrorKind::exhausted;
  return Error{kind, fmt::format("cannot {} {}: {}", doing, path, std::strerror(number))};
}

Result<OutputFile> OutputFile::draft(const std::string& path, unsigned mode) {
  std::string draft = fmt::format("{}.{}.new", path, ::getpid());
  Fd fd(::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode));
  if (!fd.open()) return file_error("write", path, errno);
  return OutputFile(std::move(fd), path, std::move(draft));
}

Result<OutputFile> OutputFile::open(const std::string& path, unsigned mode) {
  struct stat there {};
  if (::stat(path.c_str(), &there) != 0 || S_ISREG(there.st_mode)) return draft(path, mode);
  Fd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!fd.open()) return file_error("write", path, errno);
  return OutputFile(std::move(fd), path, {});
}

Result<OutputFile> OutputFile::standard_output() {
  Fd fd(::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0));
  if (!fd.open()) return file_error("write", "standard output", errno);
  return OutputFile(std::move(fd), "standard output", {});
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : fd_(std::move(other.fd_)),
      path_(std::move(other.path_)),
      draft_(std::exchange(other.draft_, {})) {}

OutputFile::~OutputFile() {
  if (!draft_.empty()) ::unlink(draft_.c_str());
}

Status OutputFile::write(std::string_view bytes, const StopSignal* stop) {
  while (!bytes.empty()) {
    if (stop != nullptr) TRY(wait_to_write(fd_.get(), *stop));
    const ssize_t written = ::write(fd_.get(), bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR && errno != EAGAIN) return file_error("write", path_, errno);
    if (written > 0) bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return Done{};
}

Status OutputFile::write_over_beginning(std::string_view bytes) {
  CHECK(is_draft());
  for (off_t at = 0; !bytes.empty();) {
    const ssize_t written = ::pwrite(fd_.get(), bytes.data(), bytes.size(), at);
    if (written < 0 && errno != EINTR) return file_error("write", path_, errno);
    if (written < 0) continue;
    bytes.remove_prefix(static_cast<std::size_t>(written));
    at += written;
  }
  return Done{};
}

Status OutputFile::commit() {
  if (!is_draft()) return Done{};
  if (::fsync(fd_.get()) != 0) return file_error("sync", path_, errno);
  if (::rename(draft_.c_str(), path_.c_str()) != 0) return file_error("replace", path_, errno);
  draft_.clear();
  return sync_folder_of(path_);
}

Status sync_folder_of(const std::string& path) {
  const Fd folder(::open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.open() || ::fsync(folder.get()) != 0)
    return file_error("sync the folder of", path, errno);
  return Done{};
}

}  // namespace tidemark
