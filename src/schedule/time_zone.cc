#include "schedule/time_zone.h"

#include <algorithm>
#include <exception>
#include <optional>
#include <vector>

#include <date/tz.h>
#include <fmt/format.h>

#include "base/edit_distance.h"

namespace tidemark::schedule {
namespace {

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

// The zone that was probably meant: the same name but for case, a city without its continent, or a
// slip of the finger.
std::optional<std::string> meant_zone(std::string_view name, const date::tzdb& database) {
  const std::string wanted = lower_case(name);
  std::vector<std::string> lower_names;
  std::optional<std::string> by_city;
  for (const date::time_zone& zone : database.zones) {
    const std::string lower = lower_case(zone.name());
    if (lower == wanted) return zone.name();
    if (lower.ends_with("/" + wanted) && !by_city) by_city = zone.name();
    lower_names.push_back(lower);
  }
  if (by_city) return by_city;
  const auto nearest = nearest_word(wanted, lower_names);
  if (!nearest) return std::nullopt;
  const auto index = std::find(lower_names.begin(), lower_names.end(), *nearest);
  return database.zones[static_cast<std::size_t>(index - lower_names.begin())].name();
}

Error unknown_zone(std::string_view name, const date::tzdb& database) {
  const auto meant = meant_zone(name, database);
  return Error{ErrorKind::invalid_input, fmt::format("there is no time zone '{}'", name),
               meant ? fmt::format("did you mean {}?", *meant)
                     : "use a name of the IANA database, such as Europe/Berlin or UTC"};
}

date::sys_seconds to_library(TimePoint moment) { return date::floor<Seconds>(moment); }

}  // namespace

TimeZone TimeZone::utc() { return TimeZone("UTC", nullptr); }

Result<TimeZone> TimeZone::find(std::string_view name) {
  // The longest name today has 32 bytes; comparing megabytes with each would take minutes.
  constexpr std::size_t kNameBytesMax = 64;
  if (name.size() > kNameBytesMax)
    return Error{ErrorKind::invalid_input, "the name of a time zone is too long",
                 "use a name of the IANA database, such as Europe/Berlin or UTC"};
  if (name == "UTC" || name == "Etc/UTC") return TimeZone(std::string(name), nullptr);
  try {
    const date::tzdb& database = date::get_tzdb();
    const auto zone = std::lower_bound(
        database.zones.begin(), database.zones.end(), name,
        [](const date::time_zone& z, std::string_view wanted) { return z.name() < wanted; });
    if (zone == database.zones.end() || zone->name() != name) return unknown_zone(name, database);
    // The library reads a zone's file at its first use; after this one, no other call can fail.
    zone->get_info(date::sys_seconds{});
    return TimeZone(std::string(name), &*zone);
  } catch (const std::exception& error) {
    return Error{ErrorKind::unsupported,
                 fmt::format("the time zone database cannot be read: {}", error.what()),
                 "install the package tzdata, or use UTC"};
  }
}

Seconds TimeZone::utc_offset(TimePoint moment) const {
  if (zone_ == nullptr) return Seconds::zero();
  return zone_->get_info(to_library(moment)).offset;
}

LocalReading TimeZone::to_utc(LocalTime time) const {
  const Millis since_epoch = time.time_since_epoch();
  if (zone_ == nullptr)
    return {LocalReading::Kind::unique, TimePoint(since_epoch), TimePoint(since_epoch)};
  const date::local_info info =
      zone_->get_info(date::local_seconds(std::chrono::floor<Seconds>(since_epoch)));
  const TimePoint first(since_epoch - info.first.offset);
  switch (info.result) {
    case date::local_info::ambiguous:
      return {LocalReading::Kind::ambiguous, first, TimePoint(since_epoch - info.second.offset)};
    case date::local_info::nonexistent:
      return {LocalReading::Kind::nonexistent, info.first.end, info.first.end};
    default: return {LocalReading::Kind::unique, first, first};
  }
}

Seconds TimeZone::overlap_max(TimePoint from, TimePoint to) const {
  if (zone_ == nullptr) return Seconds::zero();
  Seconds most{0};
  date::sys_info before = zone_->get_info(to_library(from));
  while (before.end < to_library(to)) {
    const date::sys_info after = zone_->get_info(before.end);
    most = std::max(most, before.offset - after.offset);
    before = after;
  }
  return most;
}

}  // namespace tidemark::schedule
