#include "cli/progress.h"

#include <cstdio>

#include <fmt/format.h>

#include "base/log.h"

namespace tidemark::cli {

void SnapshotProgress::show(const aws::rds::Snapshot& snapshot, Millis elapsed) {
  if (context_.global.quiet) return;
  const int percent = snapshot.percent.value_or(0);
  const std::string text =
      fmt::format("{} {} {}% {}", log::safe_text(snapshot.id), log::safe_text(snapshot.status),
                  percent, format_duration(std::chrono::floor<Seconds>(elapsed)));
  if (context_.terminal.error_is_terminal) {
    fmt::print(stderr, "\r\x1b[K{}", text);
    std::fflush(stderr);
    line_open_ = true;
    return;
  }
  const bool first = !shown_.contains(snapshot.id);
  Shown& last = shown_[snapshot.id];
  const bool due =
      first || elapsed - last.at >= std::chrono::seconds(30) || percent >= last.percent + 10;
  if (!due) return;
  last = {elapsed, percent};
  log::info(text);
}

void SnapshotProgress::finish() {
  if (line_open_) fmt::print(stderr, "\r\x1b[K");
  line_open_ = false;
}

}  // namespace tidemark::cli
