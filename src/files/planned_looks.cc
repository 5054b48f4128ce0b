#include "files/planned_looks.h"

#include "files/lanes.h"

namespace tidemark::files {
namespace {

constexpr std::size_t kLooksMax = 256;      // together
constexpr std::size_t kWaitingMax = 4'096;  // files that keep their place among them

bool is_to_be_looked_at(const PlannedFile& file) {
  return file.act == FileAct::copy && may_be_cold(file.version);
}

}  // namespace

Status for_each_planned(Bucket& bucket, const RestoreTarget& target,
                        const std::function<Status(const PlannedFile&)>& take,
                        const std::function<void(const FileVersion&)>& see) {
  std::vector<Moment> moments;
  moments.push_back(TRY(target.moment()));
  Walk walk(std::move(moments), [&](const KeySeen& seen) {
    return take(target.is_elsewhere ? plan_elsewhere(seen) : plan_file(seen));
  });
  TRY(bucket.for_each_version(target.prefix, [&](const FileVersion& version) {
    if (see) see(version);
    return walk.add(version);
  }));
  return walk.finish();
}

Status PlannedLooks::add(const PlannedFile& file) {
  if (is_to_be_looked_at(file)) ++to_look_at_;
  // As long as nothing waits for a look, nothing has to wait for its place.
  if (to_look_at_ == 0) return take_(file, nullptr);
  waiting_.push_back({file});
  return to_look_at_ < kLooksMax && waiting_.size() < kWaitingMax ? Status(Done{}) : look();
}

Status PlannedLooks::finish() { return look(); }

Status PlannedLooks::look_at(Waiting& one) {
  one.state = TRY(bucket_.look_at(one.file.version));
  return Done{};
}

Status PlannedLooks::look() {
  {
    Lanes lanes(jobs_, kLooksMax);
    for (Waiting& one : waiting_)
      if (is_to_be_looked_at(one.file)) TRY(lanes.add([this, &one] { return look_at(one); }));
    TRY(lanes.finish());
  }
  for (const Waiting& one : waiting_) TRY(take_(one.file, one.state ? &*one.state : nullptr));
  waiting_.clear();
  to_look_at_ = 0;
  return Done{};
}

Status for_each_looked(Bucket& bucket, const RestoreTarget& target, int jobs,
                       const PlannedLooks::Take& take) {
  PlannedLooks looks(bucket, jobs, take);
  TRY(for_each_planned(bucket, target, [&](const PlannedFile& file) { return looks.add(file); }));
  return looks.finish();
}

}  // namespace tidemark::files
