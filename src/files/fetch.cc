#include "files/fetch.h"

#include <mutex>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "files/content_proof.h"
#include "files/folder_names.h"
#include "files/lanes.h"

namespace tidemark::files {
namespace {

constexpr std::size_t kTasksWaitingMax = 64;

class Fetch {
 public:
  Fetch(Bucket& bucket, const Folder& folder, const RestoreOptions& options, const StopSignal& stop)
      : bucket_(bucket), folder_(folder), options_(options), stop_(stop) {}

  Result<FetchOutcome> run(const RestoreTarget& target) {
    std::vector<Moment> moments;
    moments.push_back(TRY(target.moment()));
    Lanes lanes(options_.jobs, kTasksWaitingMax);
    Walk walk(std::move(moments), [&](const KeySeen& seen) { return begin(lanes, seen); });
    TRY(bucket_.for_each_version(target.prefix,
                                 [&](const FileVersion& version) { return walk.add(version); }));
    TRY(walk.finish());
    TRY(lanes.finish());
    TRY(folder_.sync());
    return std::move(outcome_);
  }

 private:
  Status begin(Lanes& lanes, const KeySeen& seen) {
    if (stop_.requested()) return stopped();
    const KeyState& wanted = seen.states.front();
    if (!wanted.file) return Done{};
    std::vector<std::string> parts = names_.parts_of(seen.key);
    if (fmt::format("{}", fmt::join(parts, "/")) != seen.key) ++outcome_.escaped;
    if (!wanted.is_there && !wanted.alike) {
      ++outcome_.lost;
      return Done{};
    }
    return lanes.add(
        [this, parts = std::move(parts), version = wanted.is_there ? *wanted.file : *wanted.alike] {
          return fetch(parts, version);
        });
  }

  Status fetch(const std::vector<std::string>& parts, const FileVersion& version) {
    if (stop_.requested()) return stopped();
    const auto written = write(parts, version);
    const std::lock_guard lock(mutex_);
    if (written) return Done{};
    const Error& error = written.error();
    // A disk that is full fails the next one as well.
    if (error.kind == ErrorKind::cancelled || error.kind == ErrorKind::exhausted) return error;
    outcome_.failed.push_back({version.key, error});
    const bool none_passed = outcome_.written + outcome_.there_before == 0;
    const std::size_t most = none_passed ? kFirstFailuresMax : kFailuresMax;
    return outcome_.failed.size() < most ? Status(Done{}) : error;
  }

  Status write(const std::vector<std::string>& parts, const FileVersion& version) {
    const VersionState state = TRY(look_for_proof(bucket_, version));
    if (state.is_cold) {
      const std::lock_guard lock(mutex_);
      ++outcome_.cold;
      return Done{};
    }
    const Written written = TRY(folder_.write(parts, version, state, bucket_));
    const std::lock_guard lock(mutex_);
    if (written == Written::before) {
      ++outcome_.there_before;
      return Done{};
    }
    ++outcome_.written;
    outcome_.written_bytes += version.size;
    if (options_.on_progress) options_.on_progress({outcome_.written, outcome_.written_bytes});
    return Done{};
  }

  Bucket& bucket_;
  const Folder& folder_;
  const RestoreOptions& options_;
  const StopSignal& stop_;
  FolderNames names_;
  std::mutex mutex_;  // of what follows
  FetchOutcome outcome_;
};

}  // namespace

Result<FetchOutcome> fetch_files(Bucket& bucket, const RestoreTarget& target, const Folder& folder,
                                 const RestoreOptions& options, const StopSignal& stop) {
  return Fetch(bucket, folder, options, stop).run(target);
}

}  // namespace tidemark::files
