// Thawing: asks S3 for the files of a plan that are in an archive class, and waits until they can
// be read.
//
// S3 remembers what was asked for; nothing is kept here. What was cut off goes on by being run
// again.
#pragma once

#include "base/clock.h"
#include "files/restore.h"

namespace tidemark::files {

// How many.
struct ThawOutcome {
  std::uint64_t asked = 0;
  std::uint64_t asked_before = 0;
};

// jobs: files at a time, also below.
Result<ThawOutcome> thaw_files(Bucket& bucket, const RestoreTarget& target,
                               const ThawRequest& request, int jobs, const StopSignal& stop);

struct ThawProgress {
  std::uint64_t ready = 0;  // that can be read, up to the file that is waited for
  Millis next_look{0};
};

struct ThawWait {
  ThawRequest request;  // for what is not under way, or ended too soon
  int jobs = 8;
  Millis pause_first = std::chrono::minutes(1);  // between looks; doubled for each further one
  Millis pause_max = std::chrono::minutes(15);
  Millis deadline = std::chrono::hours(72);  // the slowest tier takes 48
  std::function<void(const ThawProgress&)> on_wait = {};
};

// Fails with timed_out at the deadline, and with cancelled when it is asked to stop.
Status wait_until_thawed(Bucket& bucket, const RestoreTarget& target, const ThawWait& wait,
                         Clock& clock, const StopSignal& stop);

}  // namespace tidemark::files
