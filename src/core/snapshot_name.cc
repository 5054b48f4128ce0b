#include "core/snapshot_name.h"

#include <algorithm>

#include <fmt/format.h>

namespace tidemark::core {
namespace {

constexpr std::string_view kPrefix = "tidemark-";
constexpr std::size_t kMonthChars = 6;     // yyyymm
constexpr std::size_t kSlotChars = 8 + 6;  // yyyymmddthhmmz
constexpr std::size_t kSourceCharsMax = 63;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return c >= 'a' && c <= 'z'; }

bool all_digits(std::string_view text) { return std::all_of(text.begin(), text.end(), is_digit); }

std::string slot_text(TimePoint slot) {
  const std::string time = format_time(slot);  // 2026-11-22T02:00:00Z
  return fmt::format("{}{}{}t{}{}z", time.substr(0, 4), time.substr(5, 2), time.substr(8, 2),
                     time.substr(11, 2), time.substr(14, 2));
}

std::optional<TimePoint> parse_slot(std::string_view text) {
  const bool shaped = text.size() == kSlotChars && all_digits(text.substr(0, 8)) &&
                      text[8] == 't' && all_digits(text.substr(9, 4)) && text[13] == 'z';
  if (!shaped) return std::nullopt;
  const auto time =
      parse_time(fmt::format("{}-{}-{}T{}:{}:00Z", text.substr(0, 4), text.substr(4, 2),
                             text.substr(6, 2), text.substr(9, 2), text.substr(11, 2)));
  if (!time) return std::nullopt;
  return *time;
}

// Takes "-r2" from the end of text; 1 when there is none.
int take_attempt(std::string_view& text) {
  const std::size_t size = text.size();
  const bool numbered = size > 3 && text.substr(size - 3, 2) == "-r" && text[size - 1] >= '2' &&
                        text[size - 1] <= '9';
  if (!numbered) return 1;
  const int attempt = text[size - 1] - '0';
  text.remove_suffix(3);
  return attempt;
}

}  // namespace

std::string SnapshotName::text() const {
  const std::string slot_part = slot_text(slot);
  std::string name =
      fmt::format("{}{}-{}-{}", kPrefix, slot_part.substr(0, kMonthChars), source, slot_part);
  if (attempt > 1) name += fmt::format("-r{}", attempt);
  return name;
}

std::string free_snapshot_name(const std::string& source, TimePoint moment,
                               const std::function<bool(const std::string&)>& is_taken) {
  SnapshotName name{.source = source, .slot = std::chrono::floor<std::chrono::minutes>(moment)};
  while (is_taken(name.text())) {
    if (++name.attempt <= kAttemptsMax) continue;
    name.attempt = 1;
    name.slot -= std::chrono::minutes(1);
  }
  return name.text();
}

std::optional<SnapshotName> parse_snapshot_name(std::string_view text) {
  const std::string_view whole = text;
  if (!text.starts_with(kPrefix)) return std::nullopt;
  text.remove_prefix(kPrefix.size());
  SnapshotName name;
  name.attempt = take_attempt(text);
  constexpr std::size_t kLeast = kMonthChars + 1 + 1 + 1 + kSlotChars;
  if (text.size() < kLeast) return std::nullopt;
  const auto slot = parse_slot(text.substr(text.size() - kSlotChars));
  if (!slot) return std::nullopt;
  name.slot = *slot;
  name.source = text.substr(kMonthChars + 1, text.size() - kLeast + 1);
  // The parts are where they should be exactly when they make the same text again.
  if (!check_source_name(name.source) || name.text() != whole) return std::nullopt;
  return name;
}

Status check_source_name(std::string_view name) {
  std::string_view wrong;
  const auto allowed = [](char c) { return is_letter(c) || is_digit(c) || c == '-'; };
  if (name.empty()) {
    wrong = "it is empty";
  } else if (name.size() > kSourceCharsMax) {
    wrong = "it is longer than 63 characters";
  } else if (!is_letter(name[0])) {
    wrong = "it must start with a letter a-z";
  } else if (!std::all_of(name.begin(), name.end(), allowed)) {
    wrong = "it may hold only a-z, 0-9 and hyphens";
  } else if (name.back() == '-' || name.find("--") != std::string_view::npos) {
    wrong = "a hyphen may not be doubled or last";
  } else {
    return Done{};
  }
  return Error{ErrorKind::invalid_input, fmt::format("'{}' cannot name a source: {}", name, wrong),
               "the name becomes part of the snapshots' identifiers, e.g. orders or orders-eu"};
}

bool is_legacy_name(std::string_view text) {
  constexpr std::string_view kLegacyPrefix = "weeklybackup-";
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return lower.starts_with(kLegacyPrefix) &&
         static_cast<bool>(parse_time(lower.substr(kLegacyPrefix.size()) + "T00:00:00Z"));
}

}  // namespace tidemark::core
