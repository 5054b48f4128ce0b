#include "schedule/pattern.h"

#include <algorithm>

namespace tidemark::schedule {
namespace {

LocalTime at(LocalDay day, int minute) { return day + std::chrono::minutes(minute); }

}  // namespace

std::optional<LocalTime> Pattern::after(LocalTime time) const {
  const LocalDay today = std::chrono::floor<std::chrono::days>(time);
  std::optional<LocalDay> day = days.at_or_after(today);
  if (day == today) {
    const auto minute = std::upper_bound(
        minutes.begin(), minutes.end(), time,
        [today](LocalTime wanted, int candidate) { return wanted < at(today, candidate); });
    if (minute != minutes.end()) return at(today, *minute);
    day = days.at_or_after(today + std::chrono::days(1));
  }
  if (!day) return std::nullopt;
  return at(*day, minutes.front());
}

std::optional<LocalTime> Pattern::at_or_before(LocalTime time) const {
  const LocalDay today = std::chrono::floor<std::chrono::days>(time);
  std::optional<LocalDay> day = days.at_or_before(today);
  if (day == today) {
    const auto minute = std::upper_bound(
        minutes.begin(), minutes.end(), time,
        [today](LocalTime wanted, int candidate) { return wanted < at(today, candidate); });
    if (minute != minutes.begin()) return at(today, *std::prev(minute));
    day = days.at_or_before(today - std::chrono::days(1));
  }
  if (!day) return std::nullopt;
  return at(*day, minutes.back());
}

std::optional<std::chrono::minutes> Pattern::gap_max() const {
  const auto gap_days = days.gap_max();
  if (!gap_days) return std::nullopt;
  std::chrono::minutes most =
      *gap_days - std::chrono::minutes(minutes.back()) + std::chrono::minutes(minutes.front());
  for (std::size_t i = 1; i < minutes.size(); ++i)
    most = std::max(most, std::chrono::minutes(minutes[i] - minutes[i - 1]));
  return most;
}

}  // namespace tidemark::schedule
