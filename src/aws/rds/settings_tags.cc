#include "aws/rds/settings_tags.h"

#include <charconv>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <zstd.h>

#include "aws/wire/json.h"
#include "base/encoding.h"
#include "crypto/hash.h"

namespace tidemark::aws::rds {
namespace {

using Json = nlohmann::json;
using core::InstanceSettings;

constexpr std::size_t kTagValueMax = 256;     // API reference, Tag
constexpr std::size_t kJsonBytesMax = 65536;  // far above what 50 tags can hold
constexpr std::string_view kFormat = "1";

// Calls visit(name, member) for each setting: the one list from which both directions are made.
// Names are part of the format.
template <class Settings, class Visit>
void for_each_setting(Settings& s, Visit visit) {
  visit("instance", s.instance_id);
  visit("resource", s.resource_id);
  visit("engine", s.engine);
  visit("engine_version", s.engine_version);
  visit("class", s.instance_class);
  visit("storage_type", s.storage_type);
  visit("storage_gib", s.allocated_storage_gib);
  visit("storage_max_gib", s.storage_autoscaling_max_gib);
  visit("iops", s.iops);
  visit("throughput_mibps", s.storage_throughput_mibps);
  visit("port", s.port);
  visit("multi_az", s.multi_az);
  visit("public", s.publicly_accessible);
  visit("deletion_protection", s.deletion_protection);
  visit("auto_minor_upgrade", s.auto_minor_version_upgrade);
  visit("copy_tags", s.copy_tags_to_snapshot);
  visit("iam_authentication", s.iam_authentication);
  visit("insights", s.performance_insights);
  visit("insights_key", s.performance_insights_kms_key);
  visit("insights_days", s.performance_insights_retention_days);
  visit("monitoring_seconds", s.monitoring_interval_seconds);
  visit("monitoring_role", s.monitoring_role_arn);
  visit("backup_days", s.backup_retention_days);
  visit("backup_window", s.backup_window);
  visit("maintenance_window", s.maintenance_window);
  visit("subnet_group", s.subnet_group);
  visit("vpc", s.vpc_id);
  visit("zone", s.availability_zone);
  visit("ca", s.ca_certificate);
  visit("kms_key", s.kms_key);
  visit("license", s.license_model);
  visit("network", s.network_type);
  visit("security_groups", s.security_groups);
  visit("parameter_groups", s.parameter_groups);
  visit("option_groups", s.option_groups);
  visit("log_exports", s.log_exports);
  visit("master", s.master_username);
  visit("database", s.database_name);
  visit("tags", s.tags);
}

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

Error corrupt(std::string_view why) {
  return Error{ErrorKind::corrupt, fmt::format("the saved instance settings {}", why),
               "restore with the current instance's settings, or give them by hand"};
}

Result<std::string> compress(std::string_view text) {
  std::string packed(ZSTD_compressBound(text.size()), '\0');
  const std::size_t size =
      ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), ZSTD_maxCLevel());
  if (ZSTD_isError(size)) return corrupt("cannot be compressed");
  packed.resize(size);
  return packed;
}

Result<std::string> decompress(std::string_view packed) {
  const auto size = ZSTD_getFrameContentSize(packed.data(), packed.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN || size > kJsonBytesMax)
    return corrupt("are not a zstd frame of a sane size");
  std::string text(size, '\0');
  const std::size_t got = ZSTD_decompress(text.data(), text.size(), packed.data(), packed.size());
  if (ZSTD_isError(got) || got != size) return corrupt("cannot be decompressed");
  return text;
}

std::string checksum(std::string_view json) { return to_hex(crypto::sha256(json)).substr(0, 8); }

std::string tag_name(std::size_t part) { return fmt::format("{}{}", kSettingsTagPrefix, part); }

struct Head {
  std::size_t parts = 0;
  std::string checksum;
  std::string text;
};

Result<Head> parse_head(std::string_view value) {
  const std::size_t first = value.find(':');
  const std::size_t second = value.find(':', first == value.npos ? first : first + 1);
  const std::size_t third = value.find(':', second == value.npos ? second : second + 1);
  if (third == std::string_view::npos) return corrupt("have no header");
  if (value.substr(0, first) != kFormat)
    return Error{ErrorKind::unsupported,
                 fmt::format("the saved instance settings have format {}",
                             value.substr(0, std::min<std::size_t>(first, 8))),
                 "use a newer version of Tidemark"};
  Head head;
  const std::string_view parts = value.substr(first + 1, second - first - 1);
  const auto [end, error] = std::from_chars(parts.data(), parts.data() + parts.size(), head.parts);
  if (error != std::errc{} || end != parts.data() + parts.size() || head.parts == 0 ||
      head.parts > 50)
    return corrupt("have no count of parts");
  head.checksum = value.substr(second + 1, third - second - 1);
  head.text = value.substr(third + 1);
  return head;
}

}  // namespace

std::string settings_to_json(const InstanceSettings& settings) {
  Json json = Json::object();
  for_each_setting(settings, Writer{json});
  for (const core::AssociatedRole& role : settings.roles)
    json["roles"].push_back({{"arn", role.arn}, {"feature", role.feature}});
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<InstanceSettings> settings_from_json(std::string_view text) {
  const auto parsed = parse_json(text);
  if (!parsed || !parsed->is_object()) return corrupt("are not JSON");
  InstanceSettings settings;
  Reader reader{*parsed};
  for_each_setting(settings, [&](const char* name, auto& value) { reader(name, value); });
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
  const std::string json = settings_to_json(settings);
  const std::string text = to_base64(TRY(compress(json)));
  // Room for a header with two digits of parts.
  const std::size_t head_bytes = kFormat.size() + 1 + 2 + 1 + 8 + 1;
  const std::size_t parts =
      text.size() + head_bytes <= kTagValueMax
          ? 1
          : 1 + (text.size() - (kTagValueMax - head_bytes) + kTagValueMax - 1) / kTagValueMax;
  if (parts > tags_max)
    return Error{
        ErrorKind::exhausted,
        fmt::format("the instance settings need {} tags and there is room for {}", parts, tags_max),
        "remove tags from the instance"};
  core::Tags tags;
  std::string_view rest = text;
  for (std::size_t part = 0; part < parts; ++part) {
    std::string value = part == 0 ? fmt::format("{}:{}:{}:", kFormat, parts, checksum(json)) : "";
    const std::string_view piece = rest.substr(0, kTagValueMax - value.size());
    rest.remove_prefix(piece.size());
    tags[tag_name(part)] = value.append(piece);
  }
  CHECK(rest.empty());
  return tags;
}

Result<InstanceSettings> decode_settings(const core::Tags& tags) {
  const auto first = tags.find(tag_name(0));
  if (first == tags.end())
    return Error{ErrorKind::not_found, "the snapshot carries no instance settings"};
  Head head = TRY(parse_head(first->second));
  for (std::size_t part = 1; part < head.parts; ++part) {
    const auto tag = tags.find(tag_name(part));
    if (tag == tags.end()) return corrupt(fmt::format("lack the tag {}", tag_name(part)));
    head.text += tag->second;
  }
  const auto packed = from_base64(head.text);
  if (!packed) return corrupt("are not Base64");
  const std::string json = TRY(decompress(*packed));
  if (checksum(json) != head.checksum) return corrupt("fail their checksum");
  return settings_from_json(json);
}

}  // namespace tidemark::aws::rds
