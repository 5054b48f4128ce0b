// LocalStore: objects as files of a folder, each under its key.
//
// Promises, beyond those of ObjectStore:
//   - a file is written under another name, synced, and only then given its key's name, so a crash
//     leaves whole objects only; new folders are synced into their parents as well;
//   - what a crash left half written lies in ".drafts" and goes when a store is opened that can
//     prove its writer dead: a writer holds a lock on its draft, which the kernel ends with it;
//   - no symbolic link inside the folder is followed: meeting one is an error of kind unsafe;
//   - files are 0600 and folders 0700;
//   - when another disk or none lies at the path than when the store was opened, every call fails.
// Files whose names are no keys are not objects and are left alone. The folder may be shared by
// several processes, also over NFS.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include <sys/stat.h>

#include "base/fd.h"
#include "storage/object_store.h"

namespace tidemark::storage {

struct LocalOptions {
  // Called with a name before each system call that changes the disk; for tests that end there.
  std::function<void(std::string_view step)> before_step;
};

class LocalStore final : public ObjectStore {
 public:
  // The folder must exist, so that a disk that is not mounted is no empty repository: fails with
  // not_found. path itself may be a symbolic link.
  static Result<std::unique_ptr<LocalStore>> open(std::string path, LocalOptions options = {});

  // Makes the folder first, unless it exists. Its parent must exist.
  static Result<std::unique_ptr<LocalStore>> create(std::string path, LocalOptions options = {});

  Status put(std::string_view key, ByteView body, PutMode mode) override;
  Result<Bytes> get(std::string_view key, std::optional<ByteRange> range = {}) override;
  Result<ObjectInfo> stat(std::string_view key) override;
  Status remove(std::string_view key) override;
  Status list(std::string_view prefix,
              const std::function<Status(const ObjectInfo&)>& visit) override;
  // Drafts are cleaned up at the opening, by their locks and not by their age.
  Result<std::size_t> abort_abandoned(TimePoint) override { return std::size_t{0}; }
  std::string describe() const override { return path_; }

 private:
  // A file that is being written, locked, in ".drafts".
  struct Draft {
    Fd fd;
    std::string name;
  };
  struct Entries;

  LocalStore(std::string path, Fd root, LocalOptions options);

  Status check_root() const;
  // Fail with not_found when a folder on the way is missing or is a file.
  Result<Fd> open_folder(std::string_view folder) const;
  Result<Fd> open_folder_of(std::string_view key) const;
  Result<struct ::stat> look_at(const Fd& folder, std::string_view key) const;
  // Makes what is missing, durably.
  Result<Fd> make_folder(std::string_view folder);
  Status settle_folder(const Fd& parent, const std::string& name, std::string_view path);
  Status read_folder(std::string_view folder, std::string_view prefix, Entries& entries) const;
  Status list_folder(std::string_view folder, std::string_view prefix,
                     const std::function<Status(const ObjectInfo&)>& visit) const;

  Result<Draft> begin_draft(const Fd& drafts);
  Status write_draft(const Draft& draft, std::string_view key, ByteView body) const;
  Status publish(const Fd& drafts, const Draft& draft, const Fd& folder, std::string_view key,
                 PutMode mode) const;
  void clean_drafts() const;

  Error failure(std::string_view doing, std::string_view key, int number) const;
  void step(std::string_view name) const {
    if (options_.before_step) options_.before_step(name);
  }

  const std::string path_;
  const Fd root_;
  const LocalOptions options_;
  std::atomic<std::uint64_t> draft_count_{0};
  std::mutex mutex_;
  std::set<std::string, std::less<>> synced_;  // folders that are known to be in their parents
};

}  // namespace tidemark::storage
