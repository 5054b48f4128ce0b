// Shows how snapshots come along: one line rewritten on a terminal, a line every 30 seconds or 10 %
// elsewhere. On standard error.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "aws/rds/model.h"
#include "cli/context.h"

namespace tidemark::cli {

class SnapshotProgress {
 public:
  explicit SnapshotProgress(const Context& context) : context_(context) {}

  void show(const aws::rds::Snapshot& snapshot, Millis elapsed);
  // Ends the rewritten line, if there is one.
  void finish();

 private:
  struct Shown {
    Millis at{0};
    int percent = -1;
  };

  const Context& context_;
  std::map<std::string, Shown> shown_;
  bool line_open_ = false;
};

}  // namespace tidemark::cli
