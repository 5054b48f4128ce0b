#include "files/restore.h"

#include <mutex>
#include <unordered_set>

#include "files/lanes.h"

namespace tidemark::files {
namespace {

constexpr std::size_t kTasksWaitingMax = 64;

// Of any other class the bytes are at hand.
bool may_be_cold(const FileVersion& version) {
  return version.storage_class == "GLACIER" || version.storage_class == "DEEP_ARCHIVE" ||
         version.storage_class == "INTELLIGENT_TIERING";
}

Status walk(Bucket& bucket, const RestoreTarget& target,
            const std::function<Status(const PlannedFile&)>& take) {
  std::vector<Moment> moments;
  moments.push_back(TRY(target.moment()));
  Walk walk(std::move(moments), [&](const KeySeen& seen) { return take(plan_file(seen)); });
  TRY(bucket.for_each_version(target.prefix,
                              [&](const FileVersion& version) { return walk.add(version); }));
  return walk.finish();
}

class Restore {
 public:
  Restore(Bucket& bucket, const RestoreTarget& target, const RestorePlan& plan,
          const RestoreOptions& options, const StopSignal& stop)
      : bucket_(bucket), target_(target), plan_(plan), options_(options), stop_(stop) {}

  Result<RestoreOutcome> run() {
    TRY(bucket_.check_versioned());
    {
      Lanes lanes(options_.jobs, kTasksWaitingMax);
      TRY(walk(bucket_, target_, [&](const PlannedFile& file) { return begin(lanes, file); }));
      TRY(lanes.finish());
    }
    if (outcome_.failed.empty()) TRY(look_again());
    return std::move(outcome_);
  }

 private:
  Status begin(Lanes& lanes, const PlannedFile& file) {
    if (stop_.requested()) return stopped();
    if (file.act == FileAct::nothing) return Done{};
    if (file.newest && file.newest->modified > plan_.made) {
      ++outcome_.changed_meanwhile;
      return Done{};
    }
    if (file.act == FileAct::lose) {
      ++outcome_.lost;
      return Done{};
    }
    return lanes.add([this, file] { return run_one(file); });
  }

  Status run_one(const PlannedFile& file) {
    if (stop_.requested()) return stopped();
    const Status done = file.act == FileAct::copy ? copy(file.version) : mark(file.version.key);
    if (done) return Done{};
    if (done.error().kind == ErrorKind::cancelled) return done.error();
    // One file that S3 refuses must not keep the others from coming back.
    const std::lock_guard lock(mutex_);
    outcome_.failed.push_back({file.version.key, done.error()});
    const bool none_passed = outcome_.copied + outcome_.marked == 0;
    const std::size_t most = none_passed ? kFirstFailuresMax : kFailuresMax;
    return outcome_.failed.size() < most ? Status(Done{}) : done.error();
  }

  Status copy(const FileVersion& version) {
    if (may_be_cold(version) && TRY(bucket_.look_at(version)).is_cold) {
      const std::lock_guard lock(mutex_);
      ++outcome_.cold;
      return Done{};
    }
    const std::string id = TRY(bucket_.copy_to_top(version));
    const std::lock_guard lock(mutex_);
    made_.insert(place_of(version.key, id));
    ++outcome_.copied;
    outcome_.copied_bytes += version.size;
    report();
    return Done{};
  }

  Status mark(const std::string& key) {
    TRY(bucket_.add_marker(key));
    const std::lock_guard lock(mutex_);
    ++outcome_.marked;
    report();
    return Done{};
  }

  void report() {
    if (options_.on_progress)
      options_.on_progress({outcome_.copied + outcome_.marked, outcome_.copied_bytes});
  }

  // A copy may have another ETag than what it is a copy of, so those that were made here are known
  // by their ids: 8 bytes each.
  Status look_again() {
    std::uint64_t different = 0;
    const auto look = [&](const PlannedFile& file) -> Status {
      if (stop_.requested()) return stopped();
      if (file.act == FileAct::nothing) return Done{};
      if (file.act == FileAct::copy && file.newest && file.newest->size == file.version.size &&
          made_.contains(place_of(file.newest->key, file.newest->id)))
        return Done{};
      ++different;
      return Done{};
    };
    TRY(walk(bucket_, target_, look));
    const std::uint64_t known = outcome_.lost + outcome_.cold + outcome_.changed_meanwhile;
    outcome_.still_different = different > known ? different - known : 0;
    return Done{};
  }

  static std::uint64_t place_of(const std::string& key, const std::string& id) {
    return std::hash<std::string>{}(key + '\0' + id);
  }

  Bucket& bucket_;
  const RestoreTarget& target_;
  const RestorePlan& plan_;
  const RestoreOptions& options_;
  const StopSignal& stop_;
  std::mutex mutex_;  // of what follows
  std::unordered_set<std::uint64_t> made_;
  RestoreOutcome outcome_;
};

}  // namespace

Result<RestorePlan> plan_restore(Bucket& bucket, const RestoreTarget& target,
                                 const OnPlanned& on_planned) {
  RestorePlan plan{.made = std::chrono::floor<Seconds>(TRY(bucket.now())), .totals = {}};
  const auto take = [&](const PlannedFile& file) -> Status {
    plan.totals.add(file);
    if (file.act == FileAct::nothing) return Done{};
    if (file.act != FileAct::copy || !may_be_cold(file.version))
      return on_planned ? on_planned(file, nullptr) : Done{};
    const VersionState state = TRY(bucket.look_at(file.version));
    if (state.is_cold) ++plan.totals.cold;
    if (state.is_thawing) ++plan.totals.thawing;
    return on_planned ? on_planned(file, &state) : Done{};
  };
  TRY(walk(bucket, target, take));
  return plan;
}

Result<RestoreOutcome> apply_restore(Bucket& bucket, const RestoreTarget& target,
                                     const RestorePlan& plan, const RestoreOptions& options,
                                     const StopSignal& stop) {
  return Restore(bucket, target, plan, options, stop).run();
}

Result<std::uint64_t> thaw_files(Bucket& bucket, const RestoreTarget& target,
                                 const ThawRequest& request, const StopSignal& stop) {
  std::uint64_t asked = 0;
  const auto ask = [&](const PlannedFile& file) -> Status {
    if (stop.requested()) return stopped();
    if (file.act != FileAct::copy || !may_be_cold(file.version)) return Done{};
    const VersionState state = TRY(bucket.look_at(file.version));
    if (!state.is_cold || state.is_thawing) return Done{};
    TRY(bucket.thaw(file.version, request));
    ++asked;
    return Done{};
  };
  TRY(walk(bucket, target, ask));
  return asked;
}

}  // namespace tidemark::files
