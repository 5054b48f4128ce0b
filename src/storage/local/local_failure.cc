#include "storage/local/local_failure.h"

#include <cerrno>
#include <cstdint>
#include <cstring>

#include <fmt/format.h>
#include <sys/statvfs.h>

namespace tidemark::storage {
namespace {

ErrorKind kind_of(int number) {
  switch (number) {
    case ENOENT: return ErrorKind::not_found;
    case EEXIST: return ErrorKind::already_exists;
    case EACCES:
    case EPERM:
    case EROFS: return ErrorKind::denied;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case EMLINK: return ErrorKind::exhausted;
    case ENOTDIR:
    case EISDIR: return ErrorKind::conflict;
    case ELOOP: return ErrorKind::unsafe;
    // A server behind the folder went away, and may come back.
    case ESTALE:
    case ETIMEDOUT:
    case ENOTCONN:
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case EAGAIN: return ErrorKind::unavailable;
    case ENOSYS:
    case EOPNOTSUPP:
    case EXDEV: return ErrorKind::unsupported;
    default: return ErrorKind::rejected;
  }
}

std::string_view hint_for(int number) {
  switch (number) {
    case EACCES:
    case EPERM: return "Check who owns the folder and what is inside it.";
    case EROFS: return "The disk is mounted read-only; the kernel log says whether after an error.";
    case ENOSPC:
    case EDQUOT: return "Free space on that disk, or prune; nothing that was stored is harmed.";
    case EFBIG: return "Raise the limit on file size (ulimit -f), or use another file system.";
    case EMFILE:
    case ENFILE: return "Raise the limit on open files (ulimit -n).";
    case EIO: return "The disk reports an error: look at the kernel log, and copy the repository.";
    case ELOOP: return "Symbolic links inside a repository are not followed; remove it.";
    case ENOTDIR:
    case EISDIR: return "A file is where a folder should be, or the other way round.";
    case EXDEV: return "The whole folder must be on one file system.";
    case EOPNOTSUPP: return "Use a file system with hard links, such as ext4, XFS, btrfs or NFS.";
    default: return {};
  }
}

std::string free_space(int root) {
  struct statvfs disk {};
  if (::fstatvfs(root, &disk) != 0) return {};
  constexpr double kMiB = 1 << 20;
  const double free = double(disk.f_bavail) * double(disk.f_frsize);
  return fmt::format(" ({:.1f} MiB free)", free / kMiB);
}

}  // namespace

Error local_failure(std::string_view doing, std::string_view path, int number, int root) {
  const bool about_space = number == ENOSPC || number == EDQUOT || number == EFBIG;
  return Error{kind_of(number),
               fmt::format("cannot {} {}: {}{}", doing, path, std::strerror(number),
                           about_space ? free_space(root) : std::string()),
               std::string(hint_for(number))};
}

}  // namespace tidemark::storage
