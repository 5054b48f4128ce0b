#include "cli/step_progress.h"

#include <cstdio>

#include <fmt/format.h>

#include "base/log.h"

namespace tidemark::cli {
namespace {

constexpr Millis kRepeatAfter{30'000};

}  // namespace

void StepProgress::show(const core::NextStep& step, Millis elapsed) {
  if (context_.global.quiet) return;
  const std::string what = log::safe_text(
      step.subject.empty() ? std::string(core::act_name(step.act))
                           : fmt::format("{} {}", core::act_name(step.act), step.subject));
  const std::string text =
      elapsed < std::chrono::seconds(1)
          ? what
          : fmt::format("{} {}", what, format_duration(std::chrono::floor<Seconds>(elapsed)));
  if (context_.terminal.error_is_terminal) return rewrite(text);
  if (what == shown_ && elapsed - shown_at_ < kRepeatAfter) return;
  shown_ = what;
  shown_at_ = elapsed;
  log::info(text);
}

void StepProgress::detail(const std::string& text, Millis now) {
  if (context_.global.quiet) return;
  if (context_.terminal.error_is_terminal) return rewrite(log::safe_text(text));
  if (now - shown_at_ < kRepeatAfter) return;
  shown_at_ = now;
  log::info(log::safe_text(text));
}

void StepProgress::rewrite(const std::string& text) {
  fmt::print(stderr, "\r\x1b[K{}", text);
  std::fflush(stderr);
  line_open_ = true;
}

void StepProgress::finish() {
  if (line_open_) fmt::print(stderr, "\r\x1b[K");
  line_open_ = false;
}

}  // namespace tidemark::cli
