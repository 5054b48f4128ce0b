#include "storage/local/folder.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>

#include <dirent.h>
#include <fmt/format.h>
#include <unistd.h>

#include "storage/key.h"

namespace tidemark::storage {
namespace {

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

}  // namespace

std::string_view folder_of(std::string_view key) {
  const std::size_t slash = key.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : key.substr(0, slash);
}

std::string name_of(std::string_view key) { return std::string(key.substr(key.rfind('/') + 1)); }

std::string joined(std::string_view folder, std::string_view name) {
  return folder.empty() ? std::string(name) : fmt::format("{}/{}", folder, name);
}

std::string take_part(std::string_view& path) {
  const std::size_t slash = std::min(path.find('/'), path.size());
  std::string part(path.substr(0, slash));
  path.remove_prefix(std::min(slash + 1, path.size()));
  return part;
}

TimePoint time_of(const timespec& time) {
  return TimePoint{std::chrono::seconds{time.tv_sec} + Millis{time.tv_nsec / 1'000'000}};
}

std::optional<std::vector<std::string>> names_in(const Fd& fd) {
  const int own = ::fcntl(fd.get(), F_DUPFD_CLOEXEC, 0);
  if (own < 0) return std::nullopt;
  const std::unique_ptr<DIR, CloseFolder> folder(::fdopendir(own));
  if (!folder) {
    ::close(own);
    return std::nullopt;
  }
  std::vector<std::string> names;
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(folder.get());
    if (entry == nullptr && errno != 0) return std::nullopt;
    if (entry == nullptr) break;
    if (is_key(entry->d_name)) names.emplace_back(entry->d_name);
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

// Some network file systems cannot sync a folder and say so with EINVAL: they keep their names on
// the server.
bool sync_folder(const Fd& folder) { return ::fsync(folder.get()) == 0 || errno == EINVAL; }

bool is_same_file(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

int move_unless_taken(const Fd& from, const std::string& old_name, const Fd& to,
                      const std::string& name) {
  if (::renameat2(from.get(), old_name.c_str(), to.get(), name.c_str(), RENAME_NOREPLACE) == 0)
    return 0;
  if (errno != EINVAL && errno != ENOSYS) return errno;
  return link_unless_taken(from, old_name, to, name);
}

int link_unless_taken(const Fd& from, const std::string& old_name, const Fd& to,
                      const std::string& name) {
  int number = ::linkat(from.get(), old_name.c_str(), to.get(), name.c_str(), 0) == 0 ? 0 : errno;
  struct stat ours {};
  struct stat theirs {};
  // A server that was asked twice, because its answer was lost, says that the name is taken: by us.
  if (number == EEXIST &&
      ::fstatat(from.get(), old_name.c_str(), &ours, AT_SYMLINK_NOFOLLOW) == 0 &&
      ::fstatat(to.get(), name.c_str(), &theirs, AT_SYMLINK_NOFOLLOW) == 0 &&
      is_same_file(ours, theirs))
    number = 0;
  if (number == 0) ::unlinkat(from.get(), old_name.c_str(), 0);
  return number == EPERM ? EOPNOTSUPP : number;  // which is how a file system without links says it
}

}  // namespace tidemark::storage
