#include "files/thaw.h"

#include <algorithm>
#include <mutex>

#include <fmt/format.h>

#include "base/remote_text.h"
#include "files/lanes.h"
#include "files/planned_looks.h"

namespace tidemark::files {
namespace {

constexpr std::size_t kTasksWaitingMax = 64;

class Wait {
 public:
  Wait(Bucket& bucket, const RestoreTarget& target, const ThawWait& wait, Clock& clock,
       const StopSignal& stop)
      : bucket_(bucket), target_(target), wait_(wait), clock_(clock), stop_(stop) {}

  Status run() {
    const Millis end = clock_.steady() + wait_.deadline;
    for (Millis pause = wait_.pause_first;; pause = std::min(2 * pause, wait_.pause_max)) {
      if (!TRY(meets_cold())) return Done{};
      const Millis left = end - clock_.steady();
      if (left <= Millis{0})
        return Error{ErrorKind::timed_out,
                     fmt::format("{} cannot be read yet", clean_remote_text(waiting_for_)),
                     "what was asked for is on its way: run the same again"};
      const Millis next = std::min(pause, left);
      if (wait_.on_wait) wait_.on_wait({ready_, next});
      TRY(clock_.sleep(next));
    }
  }

 private:
  // Goes on to the first file that cannot be read. Those before it could be read once, and stay so
  // for days: they are not asked about again.
  Result<bool> meets_cold() {
    bool is_cold = false;
    const auto look = [&](const PlannedFile& file, const VersionState* state) -> Status {
      if (stop_.requested()) return stopped();
      if (state == nullptr) return Done{};
      if (!state->is_cold) {
        ++ready_;
        // Smaller than every key that follows: this one is not counted twice.
        ready_before_ = file.version.key + '\0';
        return Done{};
      }
      waiting_for_ = file.version.key;
      if (!state->is_thawing) TRY(bucket_.thaw(file.version, wait_.request));
      is_cold = true;
      return Error{ErrorKind::conflict, "the rest is looked at when this one can be read"};
    };
    PlannedLooks looks(bucket_, wait_.jobs, look);
    const auto add = [&](const PlannedFile& file) -> Status {
      return file.version.key < ready_before_ ? Status(Done{}) : looks.add(file);
    };
    Status looked = for_each_planned(bucket_, target_, add);
    if (looked) looked = looks.finish();
    if (!looked && !is_cold) return looked.error();
    return is_cold;
  }

  Bucket& bucket_;
  const RestoreTarget& target_;
  const ThawWait& wait_;
  Clock& clock_;
  const StopSignal& stop_;
  std::string waiting_for_;
  std::string ready_before_;
  std::uint64_t ready_ = 0;
};

}  // namespace

Result<ThawOutcome> thaw_files(Bucket& bucket, const RestoreTarget& target,
                               const ThawRequest& request, int jobs, const StopSignal& stop) {
  std::mutex mutex;
  ThawOutcome outcome;
  const auto ask = [&](const FileVersion& version) -> Status {
    if (stop.requested()) return stopped();
    const VersionState state = TRY(bucket.look_at(version));
    if (!state.is_cold) return Done{};
    if (!state.is_thawing) TRY(bucket.thaw(version, request));
    const std::lock_guard lock(mutex);
    ++(state.is_thawing ? outcome.asked_before : outcome.asked);
    return Done{};
  };
  Lanes lanes(jobs, kTasksWaitingMax);
  TRY(for_each_planned(bucket, target, [&](const PlannedFile& file) -> Status {
    if (file.act != FileAct::copy || !may_be_cold(file.version)) return Done{};
    return lanes.add([&ask, version = file.version] { return ask(version); });
  }));
  TRY(lanes.finish());
  return outcome;
}

Status wait_until_thawed(Bucket& bucket, const RestoreTarget& target, const ThawWait& wait,
                         Clock& clock, const StopSignal& stop) {
  return Wait(bucket, target, wait, clock, stop).run();
}

}  // namespace tidemark::files
