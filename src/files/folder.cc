#include "files/folder.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/encoding.h"
#include "base/remote_text.h"
#include "files/content_proof.h"

namespace tidemark::files {
namespace {

constexpr mode_t kFolderMode = 0777;  // as the umask leaves it
constexpr mode_t kFileMode = 0666;
constexpr std::size_t kReadBytes = 1 << 20;
constexpr std::size_t kDraftDigits = 16;
constexpr std::string_view kDraftMark = "%t";  // which no name of a key begins with

Error disk_error(std::string_view doing, const std::vector<std::string>& parts, int number) {
  ErrorKind kind = ErrorKind::rejected;
  if (number == EACCES || number == EPERM || number == EROFS) kind = ErrorKind::denied;
  if (number == ENOSPC || number == EDQUOT || number == EMFILE || number == EFBIG)
    kind = ErrorKind::exhausted;
  // A link, or a file where a folder belongs: somebody else put it there.
  if (number == ELOOP || number == ENOTDIR || number == EEXIST || number == EISDIR)
    kind = ErrorKind::already_exists;
  return Error{kind, fmt::format("cannot {} {}: {}", doing,
                                 clean_remote_text(fmt::format("{}", fmt::join(parts, "/"))),
                                 std::strerror(number))};
}

Status write_all(int file, ByteView bytes, const std::vector<std::string>& parts) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return disk_error("write", parts, errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return Done{};
}

// As many bytes as there are, at most the buffer's.
Result<std::size_t> read_up_to(int file, std::string& buffer,
                               const std::vector<std::string>& parts) {
  std::size_t filled = 0;
  while (filled < buffer.size()) {
    const ssize_t got = ::read(file, buffer.data() + filled, buffer.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return disk_error("read", parts, errno);
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  return filled;
}

Result<bool> is_proven(int file, const FileVersion& version, const VersionState& state,
                       const std::vector<std::string>& parts) {
  ContentProof proof(version, state);
  std::string buffer(kReadBytes, '\0');
  for (;;) {
    const std::size_t got = TRY(read_up_to(file, buffer, parts));
    proof.add(ByteView(buffer).substr(0, got));
    if (got < buffer.size()) return bool(proof.finish());
  }
}

// Nothing that S3 says of the version proves its bytes, so they are fetched and compared.
Result<bool> is_as_fetched(int file, const FileVersion& version, Bucket& bucket,
                           const std::vector<std::string>& parts) {
  bool differs = false;
  std::string buffer;
  const Status fetched = bucket.read(version, [&](ByteView bytes) -> Status {
    buffer.resize(bytes.size());
    const std::size_t got = TRY(read_up_to(file, buffer, parts));
    differs = ByteView(buffer).substr(0, got) != bytes;
    if (!differs) return Done{};
    return Error{ErrorKind::already_exists, "the rest does not matter"};
  });
  if (!fetched && !differs) return fetched.error();
  return !differs;
}

// Whether the file that is there has the content.
Result<bool> has_content(int file, const FileVersion& version, const VersionState& state,
                         Bucket& bucket, const std::vector<std::string>& parts) {
  struct stat there {};
  if (::fstat(file, &there) != 0) return disk_error("look at", parts, errno);
  if (!S_ISREG(there.st_mode) || static_cast<std::uint64_t>(there.st_size) != version.size)
    return false;
  return state.is_provable() ? is_proven(file, version, state, parts)
                             : is_as_fetched(file, version, bucket, parts);
}

// Takes away a draft that did not become a file.
class Draft {
 public:
  Draft(int folder, int file, std::string name)
      : folder_(folder), file_(file), name_(std::move(name)) {}
  ~Draft() {
    if (!name_.empty()) ::unlinkat(folder_, name_.c_str(), 0);
  }
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;

  // Fails with already_exists when there is something of that name. The very file that was written
  // and proven is named, whatever has the draft's name by now; where /proc tells nothing, the
  // draft.
  Status become(const std::string& name, const std::vector<std::string>& parts) {
    const std::string itself = fmt::format("/proc/self/fd/{}", file_);
    const bool has_proc = ::access(itself.c_str(), F_OK) == 0;
    const int linked =
        has_proc ? ::linkat(AT_FDCWD, itself.c_str(), folder_, name.c_str(), AT_SYMLINK_FOLLOW)
                 : ::linkat(folder_, name_.c_str(), folder_, name.c_str(), 0);
    if (linked == 0) return Done{};
    const bool no_links = errno == EPERM || errno == EOPNOTSUPP;
    if (no_links && ::renameat(folder_, name_.c_str(), folder_, name.c_str()) == 0) return Done{};
    return disk_error("name", parts, errno);
  }

 private:
  const int folder_;
  const int file_;
  const std::string name_;
};

void set_times(int file, TimePoint modified) {
  const auto seconds = std::chrono::floor<Seconds>(modified).time_since_epoch().count();
  const timespec times[2] = {{static_cast<time_t>(seconds), 0}, {static_cast<time_t>(seconds), 0}};
  static_cast<void>(::futimens(file, times));  // of no weight: the content is what was asked for
}

}  // namespace

Result<Folder> Folder::open(const std::string& path) {
  if (::mkdir(path.c_str(), kFolderMode) != 0 && errno != EEXIST)
    return disk_error("make", {path}, errno);
  Fd root(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!root.open()) return disk_error("open", {path}, errno);
  // Where there are no locks, a draft that somebody else takes away is noticed all the same.
  if (::flock(root.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
    return Error{ErrorKind::locked,
                 fmt::format("another restore writes into {}", clean_remote_text(path)),
                 "wait for its end, or choose another folder"};
  return Folder(std::move(root));
}

Result<Fd> Folder::parent_of(const std::vector<std::string>& parts) const {
  Fd folder(::fcntl(root_.get(), F_DUPFD_CLOEXEC, 0));
  if (!folder.open()) return disk_error("open", parts, errno);
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    if (::mkdirat(folder.get(), parts[i].c_str(), kFolderMode) != 0 && errno != EEXIST)
      return disk_error("make the folders of", parts, errno);
    Fd next(
        ::openat(folder.get(), parts[i].c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!next.open()) return disk_error("open the folders of", parts, errno);
    folder = std::move(next);
  }
  return folder;
}

Result<Written> Folder::write(const std::vector<std::string>& parts, const FileVersion& version,
                              const VersionState& state, Bucket& bucket) const {
  const Fd folder = TRY(parent_of(parts));
  const std::string& name = parts.back();
  const Fd there(
      ::openat(folder.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (there.open()) {
    if (TRY(has_content(there.get(), version, state, bucket, parts))) return Written::before;
    return disk_error("write over", parts, EEXIST);
  }
  if (errno != ENOENT) return disk_error("write over", parts, errno);

  const std::string draft_name =
      fmt::format("{}{}", kDraftMark, to_hex(crypto::sha256(version.key)).substr(0, kDraftDigits));
  ::unlinkat(folder.get(), draft_name.c_str(), 0);  // of a run that was cut off
  const Fd file(::openat(folder.get(), draft_name.c_str(),
                         O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kFileMode));
  if (!file.open()) return disk_error("write", parts, errno);
  Draft draft(folder.get(), file.get(), draft_name);
  ContentProof proof(version, state);
  TRY(bucket.read(version, [&](ByteView bytes) -> Status {
    proof.add(bytes);
    return write_all(file.get(), bytes, parts);
  }));
  TRY(proof.finish());
  set_times(file.get(), version.modified);
  TRY(draft.become(name, parts));
  return Written::now;
}

Status Folder::sync() const {
  if (::syncfs(root_.get()) != 0) return disk_error("sync", {"the folder"}, errno);
  return Done{};
}

}  // namespace tidemark::files
