#include "storage/local/local_store.h"

#include <cerrno>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storage/key.h"
#include "storage/local/folder.h"
#include "storage/local/local_failure.h"

namespace tidemark::storage {
namespace {

constexpr mode_t kFolderMode = 0700;
constexpr mode_t kFileMode = 0600;
// Not to wait for the other end of a pipe that somebody put into the folder.
constexpr int kReadFlags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
constexpr int kDraftFlags = O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
constexpr std::string_view kDraftsFolder = ".drafts";
constexpr int kDraftNamesMax = 10'000;  // tried before we give up

Error missing(std::string_view key) {
  return Error{ErrorKind::not_found, fmt::format("there is no object {}", key)};
}

}  // namespace

struct LocalStore::Entries {
  std::vector<ObjectInfo> objects;
  std::vector<std::string> folders;
};

LocalStore::LocalStore(std::string path, Fd root, LocalOptions options)
    : path_(std::move(path)), root_(std::move(root)), options_(std::move(options)) {}

Result<std::unique_ptr<LocalStore>> LocalStore::open(std::string path, LocalOptions options) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  Fd root(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!root.open()) {
    Error error = local_failure("open the folder", path, errno, -1);
    if (error.kind == ErrorKind::not_found)
      error.hint = "Check the path, and that the disk is mounted.";
    return error;
  }
  std::unique_ptr<LocalStore> store(
      new LocalStore(std::move(path), std::move(root), std::move(options)));
  store->clean_drafts();
  return store;
}

Result<std::unique_ptr<LocalStore>> LocalStore::create(std::string path, LocalOptions options) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  if (::mkdir(path.c_str(), kFolderMode) == 0) {
    const std::size_t slash = path.rfind('/');
    const std::string parent = slash == std::string::npos ? "." : path.substr(0, slash) + "/";
    const Fd fd(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd.open() || ::fsync(fd.get()) != 0)
      return local_failure("sync the folder of", path, errno, fd.get());
  } else if (errno != EEXIST) {
    return local_failure("make the folder", path, errno, -1);
  }
  return open(std::move(path), std::move(options));
}

Status LocalStore::put(std::string_view key, ByteView body, PutMode mode) {
  TRY(check_put(key, body));
  TRY(check_root());
  const Fd folder = TRY(make_folder(folder_of(key)));
  const Result<struct ::stat> old = look_at(folder, key);
  if (!old && old.error().kind != ErrorKind::not_found) return old.error();
  if (old && mode == PutMode::create_only) return failure("create", key, EEXIST);
  const Fd drafts = TRY(make_folder(kDraftsFolder));
  const Draft draft = TRY(begin_draft(drafts));
  Status done = write_draft(draft, key, body);
  if (done) done = publish(drafts, draft, folder, key, mode);
  if (!done) {
    step("drop the draft");
    ::unlinkat(drafts.get(), draft.name.c_str(), 0);
    return done;
  }
  step("sync the name");
  if (!sync_folder(folder)) return failure("sync the folder of", key, errno);
  return Done{};
}

Result<Bytes> LocalStore::get(std::string_view key, std::optional<ByteRange> range) {
  TRY(check_key(key));
  TRY(check_root());
  const Fd folder = TRY(open_folder_of(key));
  TRY(look_at(folder, key));
  const Fd fd(::openat(folder.get(), name_of(key).c_str(), kReadFlags));
  struct ::stat opened {};
  if (!fd.open() || ::fstat(fd.get(), &opened) != 0) {
    if (errno == ENOENT) return missing(key);
    return failure("read", key, errno);
  }
  if (!S_ISREG(opened.st_mode)) return failure("read", key, ELOOP);
  const auto size = static_cast<std::uint64_t>(opened.st_size);
  const ByteRange wanted = range.value_or(ByteRange{0, size});
  TRY(check_range(key, wanted, size));
  Bytes bytes(wanted.length, '\0');
  for (std::size_t at = 0; at < bytes.size();) {
    const ssize_t got = ::pread(fd.get(), bytes.data() + at, bytes.size() - at,
                                static_cast<off_t>(wanted.offset + at));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failure("read", key, errno);
    if (got == 0)
      return Error{ErrorKind::corrupt,
                   fmt::format("object {} became shorter while it was read", joined(path_, key))};
    at += static_cast<std::size_t>(got);
  }
  return bytes;
}

Result<ObjectInfo> LocalStore::stat(std::string_view key) {
  TRY(check_key(key));
  TRY(check_root());
  const Fd folder = TRY(open_folder_of(key));
  const struct ::stat file = TRY(look_at(folder, key));
  return ObjectInfo{std::string(key), static_cast<std::uint64_t>(file.st_size),
                    time_of(file.st_mtim)};
}

Status LocalStore::remove(std::string_view key) {
  TRY(check_key(key));
  TRY(check_root());
  const Result<Fd> folder = open_folder(folder_of(key));
  if (!folder && folder.error().kind == ErrorKind::not_found) return Done{};
  if (!folder) return folder.error();
  const Result<struct ::stat> file = look_at(*folder, key);
  if (!file && file.error().kind != ErrorKind::not_found) return file.error();
  if (file) {
    step("remove");
    if (::unlinkat(folder->get(), name_of(key).c_str(), 0) != 0 && errno != ENOENT)
      return failure("remove", key, errno);
  }
  // Also when it was gone already: whoever removed it may have died before this. Without it a crash
  // of the machine could bring the object back, after what it refers to is gone.
  step("sync the removal");
  if (!sync_folder(*folder)) return failure("sync the folder of", key, errno);
  return Done{};
}

Status LocalStore::list(std::string_view prefix,
                        const std::function<Status(const ObjectInfo&)>& visit) {
  TRY(check_prefix(prefix));
  TRY(check_root());
  return list_folder(folder_of(prefix), prefix, visit);
}

Status LocalStore::list_folder(std::string_view folder, std::string_view prefix,
                               const std::function<Status(const ObjectInfo&)>& visit) const {
  Entries entries;
  TRY(read_folder(folder, prefix, entries));
  for (const ObjectInfo& object : entries.objects) TRY(visit(object));
  for (const std::string& deeper : entries.folders) TRY(list_folder(deeper, prefix, visit));
  return Done{};
}

// All of a folder before any of it is visited: visit may change it, and readdir then promises
// nothing.
Status LocalStore::read_folder(std::string_view folder, std::string_view prefix,
                               Entries& entries) const {
  const Result<Fd> fd = open_folder(folder);
  if (!fd && fd.error().kind == ErrorKind::not_found) return Done{};
  if (!fd) return fd.error();
  const auto names = names_in(*fd);
  if (!names) return failure("list", folder, errno);
  for (const std::string& name : *names) {
    const std::string key = joined(folder, name);
    const bool on_the_way = prefix.starts_with(key + "/");
    if ((!key.starts_with(prefix) && !on_the_way) || !is_key(key)) continue;
    struct ::stat file {};
    if (::fstatat(fd->get(), name.c_str(), &file, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno == ENOENT) continue;  // removed meanwhile
      return failure("look at", key, errno);
    }
    if (S_ISLNK(file.st_mode)) return failure("list", key, ELOOP);
    if (S_ISDIR(file.st_mode)) entries.folders.push_back(key);
    if (S_ISREG(file.st_mode) && !on_the_way)
      entries.objects.push_back(
          {key, static_cast<std::uint64_t>(file.st_size), time_of(file.st_mtim)});
  }
  return Done{};
}

Status LocalStore::check_root() const {
  struct ::stat named {};
  struct ::stat opened {};
  if (::fstat(root_.get(), &opened) != 0) return failure("look at", "", errno);
  if (::stat(path_.c_str(), &named) == 0 && is_same_file(named, opened)) return Done{};
  return Error{ErrorKind::conflict,
               fmt::format("{} is no longer the folder that was opened", path_),
               "Check that its disk is still mounted, then start again."};
}

Result<Fd> LocalStore::open_folder(std::string_view folder) const {
  Fd fd(::openat(root_.get(), ".", kFolderFlags));
  if (!fd.open()) return failure("open", "", errno);
  for (std::string_view rest = folder; !rest.empty();) {
    const std::string part = take_part(rest);
    Fd next(::openat(fd.get(), part.c_str(), kFolderFlags));
    if (!next.open()) {
      const int number = errno;
      struct ::stat file {};
      const bool is_link = ::fstatat(fd.get(), part.c_str(), &file, AT_SYMLINK_NOFOLLOW) == 0 &&
                           S_ISLNK(file.st_mode);
      if (is_link) return failure("open", folder, ELOOP);
      if (number == ENOENT || number == ENOTDIR) return missing(folder);
      return failure("open", folder, number);
    }
    fd = std::move(next);
  }
  return fd;
}

Result<Fd> LocalStore::open_folder_of(std::string_view key) const {
  Result<Fd> folder = open_folder(folder_of(key));
  if (!folder && folder.error().kind == ErrorKind::not_found) return missing(key);
  return folder;
}

Result<struct ::stat> LocalStore::look_at(const Fd& folder, std::string_view key) const {
  struct ::stat file {};
  if (::fstatat(folder.get(), name_of(key).c_str(), &file, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return missing(key);
    return failure("look at", key, errno);
  }
  if (S_ISDIR(file.st_mode)) return missing(key);
  if (!S_ISREG(file.st_mode)) return failure("use", key, ELOOP);
  return file;
}

Result<Fd> LocalStore::make_folder(std::string_view folder) {
  Fd fd(::openat(root_.get(), ".", kFolderFlags));
  if (!fd.open()) return failure("open", "", errno);
  for (std::string_view rest = folder; !rest.empty();) {
    const std::string part = take_part(rest);
    const std::string_view path = folder.substr(0, folder.size() - rest.size());
    TRY(settle_folder(fd, part, path));
    Fd next(::openat(fd.get(), part.c_str(), kFolderFlags));
    if (!next.open()) return failure("use the folder", path, errno);
    fd = std::move(next);
  }
  return fd;
}

// Makes the folder unless it is there, and makes sure that its name is durable: another process may
// have made it a moment ago, and not have got so far.
Status LocalStore::settle_folder(const Fd& parent, const std::string& name, std::string_view path) {
  step("make a folder");
  const bool made = ::mkdirat(parent.get(), name.c_str(), kFolderMode) == 0;
  if (!made && errno != EEXIST) return failure("make the folder", path, errno);
  {
    const std::lock_guard lock(mutex_);
    if (!made && synced_.contains(path)) return Done{};
  }
  step("sync a folder");
  if (!sync_folder(parent)) return failure("sync the folder of", path, errno);
  const std::lock_guard lock(mutex_);
  synced_.insert(std::string(path));
  return Done{};
}

Result<LocalStore::Draft> LocalStore::begin_draft(const Fd& drafts) {
  for (int i = 0; i < kDraftNamesMax; ++i) {
    std::string name = fmt::format("{}-{}", ::getpid(), draft_count_++);
    step("begin a draft");
    Fd fd(::openat(drafts.get(), name.c_str(), kDraftFlags | O_CREAT | O_EXCL, kFileMode));
    if (!fd.open() && errno == EEXIST) continue;
    if (!fd.open()) return failure("write to", kDraftsFolder, errno);
    // Another process may have taken it for a leftover before our lock stood. A file system without
    // locks serves as well: drafts are then never cleaned up.
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) continue;
    struct ::stat file {};
    if (::fstat(fd.get(), &file) != 0) return failure("write to", kDraftsFolder, errno);
    if (file.st_nlink > 0) return Draft{std::move(fd), std::move(name)};
  }
  return Error{ErrorKind::exhausted, fmt::format("no free name in {}/{}", path_, kDraftsFolder)};
}

Status LocalStore::write_draft(const Draft& draft, std::string_view key, ByteView body) const {
  step("write");
  while (!body.empty()) {
    const ssize_t written = ::write(draft.fd.get(), body.data(), body.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failure("write", key, errno);
    body.remove_prefix(static_cast<std::size_t>(written));
    if (!body.empty()) step("write on");
  }
  step("sync");
  if (::fsync(draft.fd.get()) != 0) return failure("sync", key, errno);
  return Done{};
}

Status LocalStore::publish(const Fd& drafts, const Draft& draft, const Fd& folder,
                           std::string_view key, PutMode mode) const {
  const std::string name = name_of(key);
  step("publish");
  if (mode == PutMode::replace) {
    if (::renameat(drafts.get(), draft.name.c_str(), folder.get(), name.c_str()) == 0)
      return Done{};
    return failure("replace", key, errno);
  }
  const int number = move_unless_taken(drafts, draft.name, folder, name);
  if (number == 0) return Done{};
  return failure("create", key, number);
}

// Leftovers are only in the way: whatever fails here, fails no one.
void LocalStore::clean_drafts() const {
  const Fd drafts(::openat(root_.get(), kDraftsFolder.data(), kFolderFlags));
  if (!drafts.open()) return;
  const auto names = names_in(drafts);
  if (!names) return;
  for (const std::string& name : *names) {
    const Fd fd(::openat(drafts.get(), name.c_str(), kDraftFlags));
    if (!fd.open() || ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) continue;  // it is being written
    struct ::stat opened {};
    struct ::stat named {};
    if (::fstat(fd.get(), &opened) != 0 ||
        ::fstatat(drafts.get(), name.c_str(), &named, AT_SYMLINK_NOFOLLOW) != 0 ||
        !is_same_file(opened, named))
      continue;
    step("clean up");
    ::unlinkat(drafts.get(), name.c_str(), 0);
  }
}

Error LocalStore::failure(std::string_view doing, std::string_view key, int number) const {
  return local_failure(doing, key.empty() ? path_ : joined(path_, key), number, root_.get());
}

}  // namespace tidemark::storage
