// What is to become of each file of a moment, in the order of keys; and of those that may be cold,
// whether they are.
//
// S3 tells that of one version at a time, so many are asked about together.
#pragma once

#include "files/restore.h"

namespace tidemark::files {

// see: each version, before what it is a part of is taken.
Status for_each_planned(Bucket& bucket, const RestoreTarget& target,
                        const std::function<Status(const PlannedFile&)>& take,
                        const std::function<void(const FileVersion&)>& see = {});

// The same, with the state of what is to be copied out of a class that may be cold; else nullptr.
class PlannedLooks {
 public:
  using Take = std::function<Status(const PlannedFile&, const VersionState* state)>;

  // Borrows the bucket. jobs: looks at a time.
  PlannedLooks(Bucket& bucket, int jobs, Take take)
      : bucket_(bucket), jobs_(jobs), take_(std::move(take)) {}

  // Fails as a look, or as take for a file before this one.
  Status add(const PlannedFile& file);
  Status finish();

 private:
  struct Waiting {
    PlannedFile file;
    std::optional<VersionState> state = {};
  };

  Status look_at(Waiting& one);
  Status look();

  Bucket& bucket_;
  const int jobs_;
  const Take take_;
  std::vector<Waiting> waiting_;
  std::size_t to_look_at_ = 0;
};

Status for_each_looked(Bucket& bucket, const RestoreTarget& target, int jobs,
                       const PlannedLooks::Take& take);

}  // namespace tidemark::files
