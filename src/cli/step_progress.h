// Shows the steps of a restore as they go: one line rewritten on a terminal, a line a step and one
// every 30 seconds elsewhere. On standard error.
#pragma once

#include <string>

#include "cli/context.h"
#include "core/restore_steps.h"

namespace tidemark::cli {

class StepProgress {
 public:
  explicit StepProgress(const Context& context) : context_(context) {}

  void show(const core::NextStep& step, Millis elapsed);
  // Something within a step: pages read, say.
  void detail(const std::string& text, Millis now);
  // Ends the rewritten line, if there is one.
  void finish();

 private:
  void rewrite(const std::string& text);

  const Context& context_;
  std::string shown_;
  Millis shown_at_{0};
  bool line_open_ = false;
};

}  // namespace tidemark::cli
