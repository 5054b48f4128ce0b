#include "base/memory_file.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>

namespace tidemark {

Result<Fd> sealed_file(ByteView content) {
  const auto failed = [] {
    return Error{ErrorKind::exhausted,
                 fmt::format("cannot make a file in memory: {}", std::strerror(errno))};
  };
  Fd file(::memfd_create("tidemark", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file.open() || ::fchmod(file.get(), S_IRUSR | S_IWUSR) != 0) return failed();
  while (!content.empty()) {
    const ssize_t written = ::write(file.get(), content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return failed();
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  constexpr int kSeals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
  if (::lseek(file.get(), 0, SEEK_SET) != 0 || ::fcntl(file.get(), F_ADD_SEALS, kSeals) != 0)
    return failed();
  return file;
}

}  // namespace tidemark
