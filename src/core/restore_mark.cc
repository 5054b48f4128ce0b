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
constexpr std::string_view kByHandWord = "by-hand";
constexpr std::string_view kWasProtectedWord = "was-protected";
constexpr std::string_view kWasUnprotectedWord = "was-unprotected";
constexpr std::string_view kAfterWord = "after=";
constexpr std::size_t kBeforeMax = 8;
constexpr std::string_view kClassWord = "class=";
constexpr std::string_view kUpgradeWord = "upgrade=";
constexpr std::string_view kParametersWord = "parameters=";
constexpr std::string_view kZoneWord = "zone=";
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

struct OptionWord {
  std::string_view word;
  bool RestoreOptions::*flag;
};
constexpr OptionWord kOptionWords[] = {{"no-checks", &RestoreOptions::no_checks},
                                       {"no-hook", &RestoreOptions::no_hook},
                                       {"no-safety-snapshot", &RestoreOptions::no_safety_snapshot},
                                       {"warm-up", &RestoreOptions::warm_up},
                                       {"password", &RestoreOptions::password},
                                       {"newest", &RestoreOptions::newest},
                                       {"files", &RestoreOptions::files}};

// All of them together, and the flags, fit into one tag.
constexpr std::size_t kClassMax = 40;
constexpr std::size_t kUpgradeMax = 20;
constexpr std::size_t kParameterGroupMax = 70;
constexpr std::size_t kZoneMax = 20;

std::string choice_value(const RestoreMark& mark) {
  std::string value(choice_name(mark.settings));
  for (const OptionWord& one : kOptionWords)
    if (mark.options.*one.flag) value += fmt::format(" {}", one.word);
  const RestoreOptions kept = keepable(mark.options);
  const auto append = [&](std::string_view word, const std::string& text) {
    if (!text.empty()) value += fmt::format(" {}{}", word, text);
  };
  append(kClassWord, kept.instance_class);
  append(kUpgradeWord, kept.upgrade_to);
  append(kParametersWord, kept.parameter_group);
  append(kZoneWord, kept.zone);
  return value;
}

void read_choice(std::string_view value, RestoreMark& mark, bool& readable) {
  const std::vector<std::string> words = words_of(value);
  const auto choice = words.empty() ? std::nullopt : parse_choice(words.front());
  readable = choice.has_value();
  if (!readable) return;
  mark.settings = *choice;
  const auto take = [](std::string_view word, std::string_view name, std::string& text) {
    if (word.starts_with(name)) text = word.substr(name.size());
  };
  for (const std::string& word : words) {
    for (const OptionWord& one : kOptionWords)
      if (word == one.word) mark.options.*one.flag = true;
    take(word, kClassWord, mark.options.instance_class);
    take(word, kUpgradeWord, mark.options.upgrade_to);
    take(word, kParametersWord, mark.options.parameter_group);
    take(word, kZoneWord, mark.options.zone);
  }
}

// What was done, and what was before.
std::string progress_value(const RestoreMark& mark) {
  std::vector<std::string> words(mark.progress.begin(), mark.progress.end());
  if (mark.by_hand) words.emplace_back(kByHandWord);
  if (mark.was_protected)
    words.emplace_back(*mark.was_protected ? kWasProtectedWord : kWasUnprotectedWord);
  for (std::size_t i = 0; i < std::min(mark.before.size(), kBeforeMax); ++i)
    words.push_back(fmt::format("{}{}", kAfterWord, mark.before[i]));
  return fmt::format("{}", fmt::join(words, " "));
}

void read_progress(std::string_view value, RestoreMark& mark) {
  for (std::string& word : words_of(value)) {
    if (word == kByHandWord)
      mark.by_hand = true;
    else if (word == kWasProtectedWord || word == kWasUnprotectedWord)
      mark.was_protected = word == kWasProtectedWord;
    else if (word.starts_with(kAfterWord))
      mark.before.push_back(word.substr(kAfterWord.size()));
    else
      mark.progress.insert(std::move(word));
  }
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

RestoreOptions keepable(RestoreOptions options) {
  const auto keep = [](std::string& text, std::size_t length_max) {
    if (text.size() > length_max || text.find(' ') != std::string::npos) text = kForgotten;
  };
  keep(options.instance_class, kClassMax);
  keep(options.upgrade_to, kUpgradeMax);
  keep(options.parameter_group, kParameterGroupMax);
  keep(options.zone, kZoneMax);
  return options;
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
  tags.emplace(kChoiceTag, choice_value(mark));
  tags.emplace(kProgressTag, or_none(progress_value(mark)));
  if (!mark.source.empty()) tags.emplace(kSourceTag, mark.source);
  return tags;
}

std::optional<RestoreMark> read_mark(const Tags& tags) {
  const std::vector<std::string> head = words_of(tag_or_none(tags, kMarkTag));
  if (head.size() < 3 || head.size() > 4 || !operation_began(head[0])) return std::nullopt;
  const auto role = find_named(kRoles, role_name, head[1]);
  const auto phase = find_named(kPhases, phase_name, head[2]);
  RestoreMark mark;
  bool readable = false;
  read_choice(tag_or_none(tags, kChoiceTag), mark, readable);
  if (!role || !phase || !readable) return std::nullopt;
  mark.operation = head[0];
  mark.role = *role;
  mark.phase = *phase;
  mark.identifier = tag_or_none(tags, kOfTag);
  mark.origin = tag_or_none(tags, kFromTag);
  mark.aside = tag_or_none(tags, kAsideTag);
  mark.source = tag_or_none(tags, kSourceTag);
  if (head.size() == 4) mark.bearer = head[3];
  if (mark.identifier.empty() || mark.origin.empty()) return std::nullopt;
  read_progress(tag_or_none(tags, kProgressTag), mark);
  return mark;
}

std::vector<std::string> mark_keys() {
  std::vector<std::string> keys;
  for (const std::string_view key :
       {kMarkTag, kOfTag, kFromTag, kAsideTag, kChoiceTag, kProgressTag, kSourceTag})
    keys.emplace_back(key);
  return keys;
}

RestoreMark claiming_mark(RestoreMark mark, const std::optional<RestoreMark>& borne,
                          const std::string& called) {
  const bool again = borne && borne->operation == mark.operation;
  mark.by_hand = again ? borne->by_hand : called != mark.identifier;
  if (!borne) return mark;
  if (borne->was_protected) mark.was_protected = borne->was_protected;
  mark.before = borne->before;
  if (!again && borne->role == RestoreRole::restored)
    mark.before.insert(mark.before.begin(), borne->operation);
  return mark;
}

std::size_t tags_with_mark(const Tags& tags) {
  std::set<std::string> keys;
  for (const std::string& key : mark_keys()) keys.insert(key);
  for (const std::string_view key : {kRunnerTag, kDescentTag, kTookTag, kFinalTag})
    keys.emplace(key);
  for (const auto& [key, value] : tags)
    if (!key.starts_with("aws:")) keys.insert(key);
  return keys.size();
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
