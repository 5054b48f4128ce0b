#include "files/restore.h"

#include <algorithm>
#include <mutex>
#include <unordered_map>
#include <unordered_set>

#include "files/lanes.h"
#include "files/planned_looks.h"

namespace tidemark::files {
namespace {

constexpr std::size_t kTasksWaitingMax = 64;

std::uint64_t place_of(const std::string& key, const std::string& id) {
  return std::hash<std::string>{}(key + '\0' + id);
}

// The newest version of the key; empty: there is none.
std::string newest_id(const PlannedFile& file) { return file.newest ? file.newest->id : ""; }

std::uint64_t newest_place(const PlannedFile& file) {
  return place_of(file.version.key, newest_id(file));
}

// Finds what somebody stored under our back: versions come from the newest to the oldest, and right
// below each of ours has to be what it was put over.
class Buried {
 public:
  // made: ours, each with what is to be below it.
  explicit Buried(const std::unordered_map<std::uint64_t, std::uint64_t>& made) : made_(made) {}

  void see(const FileVersion& version, NamedFiles& buried) {
    const std::uint64_t place = place_of(version.key, version.id);
    if (above_ && *above_ == version.key && place != below_) buried.add(version.key);
    above_.reset();
    const auto ours = made_.find(place);
    if (ours == made_.end()) return;
    above_ = version.key;
    below_ = ours->second;
  }

 private:
  const std::unordered_map<std::uint64_t, std::uint64_t>& made_;
  std::optional<std::string> above_;  // the key of a version of ours
  std::uint64_t below_ = 0;
};

class Restore {
 public:
  Restore(Bucket& bucket, const RestoreTarget& target, const RestorePlan& plan,
          const RestoreOptions& options, const StopSignal& stop)
      : bucket_(bucket), target_(target), plan_(plan), options_(options), stop_(stop) {}

  Result<RestoreOutcome> run() {
    TRY(bucket_.check_versioned());
    {
      Lanes lanes(options_.jobs, kTasksWaitingMax);
      TRY(for_each_planned(bucket_, target_,
                           [&](const PlannedFile& file) { return begin(lanes, file); }));
      TRY(lanes.finish());
    }
    const Status looked = look_again();
    // What failed before is to be told all the same.
    if (!looked && (outcome_.failed.empty() || stop_.requested())) return looked.error();
    return std::move(outcome_);
  }

 private:
  Status begin(Lanes& lanes, const PlannedFile& file) {
    if (stop_.requested()) return stopped();
    if (file.act == FileAct::nothing) return Done{};
    if (!std::binary_search(plan_.seen.begin(), plan_.seen.end(), newest_place(file))) {
      const std::lock_guard lock(mutex_);
      outcome_.changed_meanwhile.add(file.version.key);
      leave(file);
      return Done{};
    }
    if (file.act == FileAct::lose) {
      const std::lock_guard lock(mutex_);
      ++outcome_.lost;
      leave(file);
      return Done{};
    }
    return lanes.add([this, file] { return run_one(file); });
  }

  Status run_one(const PlannedFile& file) {
    if (stop_.requested()) return stopped();
    const Status done = file.act == FileAct::copy ? copy(file) : mark(file);
    if (done) return Done{};
    if (done.error().kind == ErrorKind::cancelled) return done.error();
    // One file that S3 refuses must not keep the others from coming back.
    const std::lock_guard lock(mutex_);
    outcome_.failed.push_back({file.version.key, done.error()});
    leave(file);
    const bool none_passed = outcome_.copied + outcome_.marked == 0;
    const std::size_t most = none_passed ? kFirstFailuresMax : kFailuresMax;
    return outcome_.failed.size() < most ? Status(Done{}) : done.error();
  }

  Status copy(const PlannedFile& file) {
    const FileVersion& version = file.version;
    if (may_be_cold(version) && TRY(bucket_.look_at(version)).is_cold) {
      const std::lock_guard lock(mutex_);
      ++outcome_.cold;
      leave(file);
      return Done{};
    }
    const Bucket::Placed id = TRY(bucket_.copy_to_top(version, newest_id(file)));
    const std::lock_guard lock(mutex_);
    if (!keep(file, id)) return Done{};
    ++outcome_.copied;
    outcome_.copied_bytes += version.size;
    report();
    return Done{};
  }

  Status mark(const PlannedFile& file) {
    const Bucket::Placed id = TRY(bucket_.add_marker(file.version.key, newest_id(file)));
    const std::lock_guard lock(mutex_);
    if (!keep(file, id)) return Done{};
    ++outcome_.marked;
    report();
    return Done{};
  }

  // Whether it was done.
  bool keep(const PlannedFile& file, const Bucket::Placed& id) {
    if (!id) {
      outcome_.changed_meanwhile.add(file.version.key);
      leave(file);
      return false;
    }
    made_.emplace(place_of(file.version.key, *id), newest_place(file));
    return true;
  }

  // The file stays as it is, for a reason that is told.
  void leave(const PlannedFile& file) { left_.insert(place_of(file.version.key, "")); }

  void report() {
    if (options_.on_progress)
      options_.on_progress({outcome_.copied + outcome_.marked, outcome_.copied_bytes});
  }

  // A copy may have another ETag than what it is a copy of, so those that were made here are known
  // by their ids.
  Status look_again() {
    const auto look = [&](const PlannedFile& file) -> Status {
      if (stop_.requested()) return stopped();
      if (file.act == FileAct::nothing) return Done{};
      if (file.act == FileAct::copy && file.newest && file.newest->size == file.version.size &&
          made_.contains(newest_place(file)))
        return Done{};
      if (!left_.contains(place_of(file.version.key, "")))
        outcome_.still_different.add(file.version.key);
      return Done{};
    };
    Buried buried(made_);
    return for_each_planned(bucket_, target_, look, [&](const FileVersion& version) {
      buried.see(version, outcome_.buried);
    });
  }

  Bucket& bucket_;
  const RestoreTarget& target_;
  const RestorePlan& plan_;
  const RestoreOptions& options_;
  const StopSignal& stop_;
  std::mutex mutex_;  // of what follows
  std::unordered_map<std::uint64_t, std::uint64_t> made_;
  std::unordered_set<std::uint64_t> left_;
  RestoreOutcome outcome_;
};

}  // namespace

Result<RestorePlan> plan_restore(Bucket& bucket, const RestoreTarget& target,
                                 const OnPlanned& on_planned, int jobs) {
  RestorePlan plan{.made = std::chrono::floor<Seconds>(TRY(bucket.now())), .totals = {}};
  const auto take = [&](const PlannedFile& file, const VersionState* state) -> Status {
    plan.totals.add(file);
    if (file.act == FileAct::nothing) return Done{};
    plan.seen.push_back(newest_place(file));
    if (state != nullptr && state->is_cold) ++plan.totals.cold;
    if (state != nullptr && state->is_thawing) ++plan.totals.thawing;
    return on_planned ? on_planned(file, state) : Done{};
  };
  TRY(for_each_looked(bucket, target, jobs, take));
  std::sort(plan.seen.begin(), plan.seen.end());
  return plan;
}

Result<RestoreOutcome> apply_restore(Bucket& bucket, const RestoreTarget& target,
                                     const RestorePlan& plan, const RestoreOptions& options,
                                     const StopSignal& stop) {
  return Restore(bucket, target, plan, options, stop).run();
}

}  // namespace tidemark::files
