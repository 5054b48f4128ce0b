#include "cli/archive_progress.h"

#include <algorithm>

#include <fmt/format.h>

#include "cli/size_text.h"

namespace tidemark::cli {
namespace {

constexpr double kLeastShare = 0.02;  // a reckoning from less than that is a guess

}  // namespace

std::string progress_text(const ops::ArchiveProgress& at, Millis elapsed) {
  const double seconds = std::max(0.001, std::chrono::duration<double>(elapsed).count());
  std::string text =
      fmt::format("{} of {} tables, {} rows, {}, {}/s", at.tables_done, at.tables_total, at.rows,
                  size_text(at.bytes),
                  size_text(static_cast<std::uint64_t>(static_cast<double>(at.bytes) / seconds)));
  if (at.done < kLeastShare || at.done >= 1) return text;
  const auto left = static_cast<std::int64_t>(seconds * (1 - at.done) / at.done);
  return text + fmt::format(", about {} left", format_duration(Seconds(left)));
}

}  // namespace tidemark::cli
