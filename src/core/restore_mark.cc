#include "core/restore_mark.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace tidemark::core {
namespace {

constexpr std::string_view kMarkTag = "tidemark:restore";
constexpr std::string_view kOfTag = "tidemark:restore-of";
constexpr std::string_view kFromTag = "tidemark:restore-from";
constexpr std::string_view kAsideTag = "tidemark:restore-aside";
constexpr std::string_view kChoiceTag = "tidemark:restore-settings";
constexpr std::string_view kProgressTag = "tidemark:restore-progress";
constexpr std::string_view kSourceTag = "tidemark:restore-source";
constexpr std::string_view kTimePrefix = "time ";
constexpr std::string_view kNone = "-";  // a tag's value may be empty, but tools often drop those
constexpr std::size_t kTagValueMax = 256;
constexpr std::size_t kIdentifierMax = 63;

constexpr std::array kRoles = {RestoreRole::replaced, RestoreRole::restored,
                               RestoreRole::discarded};
constexpr std::array kPhases = {RestorePhase::open, RestorePhase::done, RestorePhase::rolling_back,
                                RestorePhase::retiring, RestorePhase::retired};
constexpr std::array kChoices = {SettingsChoice::current, SettingsChoice::point,
                                 SettingsChoice::defaults};

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t end = text.find(' ');
    if (end != 0) words.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return words;
}

template <class Values, class Name>
auto find_named(const Values& values, Name name, std::string_view text)
    -> std::optional<typename Values::value_type> {
  for (const auto value : values)
    if (name(value) == text) return value;
  return std::nullopt;
}

std::string tag_or_none(const Tags& tags, std::string_view key) {
  const auto found = tags.find(std::string(key));
  return found == tags.end() || found->second == kNone ? "" : found->second;
}

}  // namespace

std::string_view role_name(RestoreRole role) {
  switch (role) {
    case RestoreRole::replaced: return "replaced";
    case RestoreRole::restored: return "restored";
    case RestoreRole::discarded: break;
  }
  return "discarded";
}

std::string_view phase_name(RestorePhase phase) {
  switch (phase) {
    case RestorePhase::open: return "open";
    case RestorePhase::done: return "done";
    case RestorePhase::rolling_back: return "rolling-back";
    case RestorePhase::retiring: return "retiring";
    case RestorePhase::retired: break;
  }
  return "retired";
}

std::string_view choice_name(SettingsChoice choice) {
  switch (choice) {
    case SettingsChoice::current: return "current";
    case SettingsChoice::point: return "point";
    case SettingsChoice::defaults: break;
  }
  return "defaults";
}

std::optional<SettingsChoice> parse_choice(std::string_view text) {
  return find_named(kChoices, choice_name, text);
}

Tags mark_tags(const RestoreMark& mark) {
  const auto or_none = [](const std::string& text) {
    return text.empty() ? std::string(kNone) : text;
  };
  std::string head =
      fmt::format("{} {} {}", mark.operation, role_name(mark.role), phase_name(mark.phase));
  if (!mark.bearer.empty()) head += " " + mark.bearer;
  Tags tags;
  tags.emplace(kMarkTag, std::move(head));
  tags.emplace(kOfTag, mark.identifier);
  tags.emplace(kFromTag, mark.origin);
  tags.emplace(kAsideTag, or_none(mark.aside));
  tags.emplace(kChoiceTag, choice_name(mark.settings));
  tags.emplace(kProgressTag, or_none(fmt::format("{}", fmt::join(mark.progress, " "))));
  if (!mark.source.empty()) tags.emplace(kSourceTag, mark.source);
  return tags;
}

std::optional<RestoreMark> read_mark(const Tags& tags) {
  const std::vector<std::string> head = words_of(tag_or_none(tags, kMarkTag));
  if (head.size() < 3 || head.size() > 4 || !operation_began(head[0])) return std::nullopt;
  const auto role = find_named(kRoles, role_name, head[1]);
  const auto phase = find_named(kPhases, phase_name, head[2]);
  const auto choice = parse_choice(tag_or_none(tags, kChoiceTag));
  if (!role || !phase || !choice) return std::nullopt;
  RestoreMark mark;
  mark.operation = head[0];
  mark.role = *role;
  mark.phase = *phase;
  mark.settings = *choice;
  mark.identifier = tag_or_none(tags, kOfTag);
  mark.origin = tag_or_none(tags, kFromTag);
  mark.aside = tag_or_none(tags, kAsideTag);
  mark.source = tag_or_none(tags, kSourceTag);
  if (head.size() == 4) mark.bearer = head[3];
  if (mark.identifier.empty() || mark.origin.empty()) return std::nullopt;
  for (std::string& word : words_of(tag_or_none(tags, kProgressTag)))
    mark.progress.insert(std::move(word));
  return mark;
}

std::vector<std::string> mark_keys() {
  std::vector<std::string> keys;
  for (const std::string_view key :
       {kMarkTag, kOfTag, kFromTag, kAsideTag, kChoiceTag, kProgressTag, kSourceTag})
    keys.emplace_back(key);
  return keys;
}

std::string operation_name(TimePoint began) {
  std::string text;  // "2026-11-24T08:30:12Z" without its marks, small
  for (const char c : format_time(began))
    if (c != '-' && c != ':') text += c == 'T' ? 't' : c == 'Z' ? 'z' : c;
  return text;
}

std::optional<TimePoint> operation_began(std::string_view operation) {
  if (operation.size() != 16) return std::nullopt;
  const std::string text = fmt::format(
      "{}-{}-{}T{}:{}:{}Z", operation.substr(0, 4), operation.substr(4, 2), operation.substr(6, 2),
      operation.substr(9, 2), operation.substr(11, 2), operation.substr(13, 2));
  const auto time = parse_time(text);
  if (!time || operation_name(*time) != operation) return std::nullopt;
  return *time;
}

std::string origin_of_time(TimePoint time) { return std::string(kTimePrefix) + format_time(time); }

bool is_time_origin(std::string_view origin) { return origin.starts_with(kTimePrefix); }

std::optional<TimePoint> time_of_origin(std::string_view origin) {
  if (!origin.starts_with(kTimePrefix)) return std::nullopt;
  const auto time = parse_time(origin.substr(kTimePrefix.size()));
  if (!time) return std::nullopt;
  return *time;
}

std::vector<std::string> read_descent(const Tags& tags) {
  return words_of(tag_or_none(tags, kDescentTag));
}

std::string descent_value(const std::string& parent, const std::vector<std::string>& ancestors) {
  std::string value = parent;
  for (const std::string& ancestor : ancestors) {
    if (ancestor == parent) continue;
    if (value.size() + 1 + ancestor.size() > kTagValueMax) break;
    value += (value.empty() ? "" : " ") + ancestor;
  }
  return value;
}

std::optional<Seconds> read_took(const Tags& tags) {
  const std::string text = tag_or_none(tags, kTookTag);
  long seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc{} || end != text.data() + text.size() || seconds < 0) return std::nullopt;
  return Seconds(seconds);
}

std::string aside_name(const std::string& identifier, std::string_view word, TimePoint day,
                       const std::set<std::string>& taken) {
  const std::string date = operation_name(day).substr(0, 8);
  for (int number = 1;; ++number) {
    const std::string tail =
        fmt::format("-{}-{}{}", word, date, number == 1 ? "" : fmt::format("-{}", number));
    std::string head = identifier.substr(0, kIdentifierMax - tail.size());
    while (head.ends_with('-')) head.pop_back();  // two hyphens in a row are refused
    if (std::string name = head + tail; !taken.contains(name)) return name;
  }
}

}  // namespace tidemark::core
