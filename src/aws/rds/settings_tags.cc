#include "aws/rds/settings_tags.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "aws/rds/packed_tags.h"
#include "aws/wire/json.h"

namespace tidemark::aws::rds {
namespace {

using Json = nlohmann::json;
using core::InstanceSettings;

constexpr TagPlace kPlace{
    .prefix = kSettingsTagPrefix,
    .what = "the saved instance settings",
    .way_out = "restore with the current instance's settings, or give them by hand",
    .room = "remove tags from the instance"};

// Defaults are left out: tags are short.
struct Writer {
  Json& json;

  void operator()(const char* name, const std::string& value) {
    if (!value.empty()) json[name] = value;
  }
  void operator()(const char* name, bool value) {
    if (value) json[name] = true;
  }
  void operator()(const char* name, const std::optional<int>& value) {
    if (value) json[name] = *value;
  }
  void operator()(const char* name, const std::vector<std::string>& value) {
    if (!value.empty()) json[name] = value;
  }
  void operator()(const char* name, const core::Tags& value) {
    if (!value.empty()) json[name] = value;
  }
};

struct Reader {
  const Json& json;
  std::string wrong = {};

  template <class T>
  void operator()(const char* name, T& value) {
    const auto found = json.find(name);
    if (found == json.end()) return;
    try {
      if constexpr (std::is_same_v<T, std::optional<int>>)
        value = found->template get<int>();
      else
        value = found->template get<T>();
    } catch (const Json::exception&) {
      wrong = name;
    }
  }
};

Error corrupt(std::string_view why) { return corrupt_tags(kPlace, why); }

}  // namespace

std::string settings_to_json(const InstanceSettings& settings) {
  Json json = Json::object();
  core::for_each_setting(settings, Writer{json});
  for (const core::AssociatedRole& role : settings.roles)
    json["roles"].push_back({{"arn", role.arn}, {"feature", role.feature}});
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<InstanceSettings> settings_from_json(std::string_view text) {
  const auto parsed = parse_json(text);
  if (!parsed || !parsed->is_object()) return corrupt("are not JSON");
  InstanceSettings settings;
  Reader reader{*parsed};
  core::for_each_setting(settings, [&](const char* name, auto& value) { reader(name, value); });
  if (const auto roles = parsed->find("roles"); roles != parsed->end()) {
    if (!roles->is_array()) return corrupt("have no list of roles");
    for (const Json& role : *roles) {
      core::AssociatedRole one;
      Reader role_reader{role};
      role_reader("arn", one.arn);
      role_reader("feature", one.feature);
      if (!role_reader.wrong.empty()) reader.wrong = "roles";
      settings.roles.push_back(std::move(one));
    }
  }
  if (!reader.wrong.empty()) return corrupt(fmt::format("have a wrong '{}'", reader.wrong));
  return settings;
}

Result<core::Tags> encode_settings(const InstanceSettings& settings, std::size_t tags_max) {
  return pack_into_tags(kPlace, settings_to_json(settings), tags_max);
}

Result<InstanceSettings> decode_settings(const core::Tags& tags) {
  return settings_from_json(TRY(unpack_from_tags(kPlace, tags)));
}

}  // namespace tidemark::aws::rds
