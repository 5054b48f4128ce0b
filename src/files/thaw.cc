#include "files/thaw.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/remote_text.h"

namespace tidemark::files {
namespace {

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
    const auto look = [&](const PlannedFile& file) -> Status {
      if (stop_.requested()) return stopped();
      if (file.act != FileAct::copy || !may_be_cold(file.version)) return Done{};
      if (file.version.key < waiting_for_) return Done{};
      const VersionState state = TRY(bucket_.look_at(file.version));
      if (!state.is_cold) {
        ++ready_;
        // Smaller than every key that follows: this one is not counted twice.
        waiting_for_ = file.version.key + '\0';
        return Done{};
      }
      if (!state.is_thawing) TRY(bucket_.thaw(file.version, wait_.request));
      waiting_for_ = file.version.key;
      is_cold = true;
      return Error{ErrorKind::conflict, "the rest is looked at when this one can be read"};
    };
    const Status looked = for_each_planned(bucket_, target_, look);
    if (!looked && !is_cold) return looked.error();
    return is_cold;
  }

  Bucket& bucket_;
  const RestoreTarget& target_;
  const ThawWait& wait_;
  Clock& clock_;
  const StopSignal& stop_;
  std::string waiting_for_;
  std::uint64_t ready_ = 0;
};

}  // namespace

Result<ThawOutcome> thaw_files(Bucket& bucket, const RestoreTarget& target,
                               const ThawRequest& request, const StopSignal& stop) {
  ThawOutcome outcome;
  const auto ask = [&](const PlannedFile& file) -> Status {
    if (stop.requested()) return stopped();
    if (file.act != FileAct::copy || !may_be_cold(file.version)) return Done{};
    const VersionState state = TRY(bucket.look_at(file.version));
    if (!state.is_cold) return Done{};
    if (state.is_thawing) {
      ++outcome.asked_before;
      return Done{};
    }
    TRY(bucket.thaw(file.version, request));
    ++outcome.asked;
    return Done{};
  };
  TRY(for_each_planned(bucket, target, ask));
  return outcome;
}

Status wait_until_thawed(Bucket& bucket, const RestoreTarget& target, const ThawWait& wait,
                         Clock& clock, const StopSignal& stop) {
  return Wait(bucket, target, wait, clock, stop).run();
}

}  // namespace tidemark::files
