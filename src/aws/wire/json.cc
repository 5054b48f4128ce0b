#include "aws/wire/json.h"

#include <limits>
#include <set>
#include <vector>

#include <fmt/format.h>

#include "aws/wire/limits.h"
#include "base/remote_text.h"

namespace tidemark::aws {
namespace {

Error too_large(std::string_view what) {
  return Error{ErrorKind::exhausted, fmt::format("json answer has {}", what)};
}

// Before the library builds anything: in JSON, brackets and commas outside of strings are all there
// is to depth and to the number of values.
Status check_limits(std::string_view text) {
  if (text.size() > kDocumentBytesMax)
    return too_large(fmt::format("more than {} bytes", kDocumentBytesMax));
  std::size_t depth = 0;
  std::size_t parts = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\')
        ++i;
      else if (c == '"')
        in_string = false;
      continue;
    }
    if (c == '"') in_string = true;
    if (c == '[' || c == '{') ++depth;
    if ((c == ']' || c == '}') && depth > 0) --depth;
    if (c == '[' || c == '{' || c == ',') ++parts;
    if (depth > kDepthMax) return too_large(fmt::format("more than {} levels", kDepthMax));
    if (parts > kPartsMax) return too_large("too many values");
  }
  return Done{};
}

// Remembers the keys of each object that is open. Two values under one key mean that two readers
// could understand the answer differently.
class DuplicateFinder {
 public:
  bool operator()(int /*depth*/, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::object_start) open_.emplace_back();
    if (event == Json::parse_event_t::object_end && !open_.empty()) open_.pop_back();
    if (event == Json::parse_event_t::key && !open_.empty()) {
      const std::string& key = parsed.get_ref<const std::string&>();
      if (!open_.back().insert(key).second && duplicate_.empty())
        duplicate_ = fmt::format("json answer has the key '{}' twice", clean_remote_text(key, 100));
    }
    return true;
  }
  const std::string& duplicate() const { return duplicate_; }

 private:
  std::vector<std::set<std::string>> open_;
  std::string duplicate_;
};

}  // namespace

Result<Json> parse_json(std::string_view text) {
  TRY(check_limits(text));
  DuplicateFinder finder;
  const auto callback = [&](int depth, Json::parse_event_t event, Json& parsed) {
    return finder(depth, event, parsed);
  };
  constexpr bool kAllowExceptions = false;
  Json value = Json::parse(text.begin(), text.end(), callback, kAllowExceptions);
  if (value.is_discarded()) return Error{ErrorKind::corrupt, "answer is not json"};
  if (!finder.duplicate().empty()) return Error{ErrorKind::corrupt, finder.duplicate()};
  return value;
}

const Json& member(const Json& object, std::string_view name) {
  static const Json kNull;
  if (!object.is_object()) return kNull;
  const auto found = object.find(name);
  return found == object.end() ? kNull : *found;
}

std::string text_member(const Json& object, std::string_view name) {
  const Json& value = member(object, name);
  return value.is_string() ? value.get_ref<const std::string&>() : std::string{};
}

std::optional<std::int64_t> integer_member(const Json& object, std::string_view name) {
  const Json& value = member(object, name);
  if (!value.is_number_integer()) return std::nullopt;
  constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (value.is_number_unsigned() && value.get<std::uint64_t>() > kMax) return std::nullopt;
  return value.get<std::int64_t>();
}

}  // namespace tidemark::aws
