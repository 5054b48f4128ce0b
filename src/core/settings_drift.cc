#include "core/settings_drift.h"

#include <algorithm>
#include <cstdint>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace tidemark::core {
namespace {

// The least that storage can grow (API reference, ModifyDBInstance).
constexpr int kGrowthPercentMin = 10;

std::string text_of(const std::string& value) { return value; }
std::string text_of(bool value) { return value ? "yes" : "no"; }
std::string text_of(const std::optional<int>& value) {
  return value ? fmt::format("{}", *value) : "";
}

std::string text_of(std::vector<std::string> values) {
  std::sort(values.begin(), values.end());
  return fmt::format("{}", fmt::join(values, ", "));
}

std::string text_of(const AssociatedRole& role) {
  return role.feature.empty() ? role.arn : fmt::format("{} for {}", role.arn, role.feature);
}

// Every setting as text, by name; tags and roles one by one.
std::map<std::string, std::string> as_texts(const InstanceSettings& settings) {
  std::map<std::string, std::string> texts;
  for_each_setting(settings, [&](const char* name, const auto& value) {
    if constexpr (std::is_same_v<std::decay_t<decltype(value)>, Tags>) {
      for (const auto& [key, text] : value)
        if (is_users_tag(key)) texts.emplace("tags." + key, text);
    } else {
      texts.emplace(name, text_of(value));
    }
  });
  std::vector<std::string> roles;
  for (const AssociatedRole& role : settings.roles) roles.push_back(text_of(role));
  texts.emplace("roles", text_of(std::move(roles)));
  return texts;
}

bool is_identity(const std::string& name) { return name == "instance" || name == "resource"; }

bool is_default_group(const std::vector<std::string>& groups) {
  return groups.empty() || groups.front().starts_with("default");
}

// Settings of which nothing is asked when they are not known: a service that did not say how many
// days backups are kept does not ask for none.
bool says_nothing(const std::string& text) { return text.empty(); }

bool should_grow(const std::optional<int>& wanted, const std::optional<int>& shown) {
  return wanted && shown && can_grow(*shown, *wanted);
}

// Names that as_texts() gives and ModifyDBInstance can change as they stand.
constexpr std::string_view kPlain[] = {"class",
                                       "storage_type",
                                       "storage_max_gib",
                                       "port",
                                       "multi_az",
                                       "public",
                                       "deletion_protection",
                                       "auto_minor_upgrade",
                                       "copy_tags",
                                       "insights",
                                       "backup_days",
                                       "backup_window",
                                       "iam_authentication",
                                       "maintenance_window",
                                       "ca",
                                       "network",
                                       "security_groups",
                                       "insights_mode"};

}  // namespace

bool chooses_its_speed(std::string_view storage_type, int storage_gib) {
  constexpr int kGp3FixedBelowGib = 400;
  if (storage_type == "io1" || storage_type == "io2") return true;
  return storage_type == "gp3" && storage_gib >= kGp3FixedBelowGib;
}

bool can_grow(int from_gib, int to_gib) {
  return std::int64_t{to_gib} * 100 >= std::int64_t{from_gib} * (100 + kGrowthPercentMin);
}

bool is_users_tag(const std::string& key) {
  return !key.starts_with("aws:") && !key.starts_with("rds:") && !key.starts_with("tidemark:");
}

std::vector<SettingDifference> settings_drift(const InstanceSettings& wanted,
                                              const InstanceSettings& shown) {
  const auto left = as_texts(wanted);
  auto right = as_texts(shown);
  std::vector<SettingDifference> drift;
  for (const auto& [name, text] : left) {
    const std::string other = right[name];
    right.erase(name);
    if (text != other && !is_identity(name)) drift.push_back({name, text, other});
  }
  for (const auto& [name, text] : right)
    if (!text.empty() && !is_identity(name)) drift.push_back({name, "", text});
  return drift;
}

std::set<std::string> unmet_settings(const InstanceSettings& wanted,
                                     const InstanceSettings& shown) {
  const auto want = as_texts(wanted);
  const auto show = as_texts(shown);
  const auto differs = [&](const std::string& name) {
    const std::string& text = want.at(name);
    // Even so nothing becomes public.
    const bool unknown =
        says_nothing(text) || (wanted.blank && text == text_of(false) && name != "public");
    return !unknown && text != show.at(name);
  };
  std::set<std::string> unmet;
  for (const std::string_view name : kPlain)
    if (differs(std::string(name))) unmet.emplace(name);
  if (wanted.managed_password && !shown.managed_password) unmet.emplace("managed_password");
  if (!wanted.log_exports.empty() || (!wanted.blank && !shown.log_exports.empty()))
    if (want.at("log_exports") != show.at("log_exports")) unmet.emplace("log_exports");
  if (chooses_its_speed(wanted.storage_type, wanted.allocated_storage_gib.value_or(0))) {
    if (differs("iops")) unmet.emplace("iops");
    const bool has_throughput = wanted.storage_type == "gp3";
    if (has_throughput && differs("throughput_mibps")) unmet.emplace("throughput_mibps");
  }
  if (should_grow(wanted.allocated_storage_gib, shown.allocated_storage_gib))
    unmet.emplace("storage_gib");
  if (wanted.performance_insights && differs("insights_days")) unmet.emplace("insights_days");
  if (!wanted.blank && wanted.monitoring_interval_seconds.value_or(0) !=
                           shown.monitoring_interval_seconds.value_or(0))
    unmet.emplace("monitoring_seconds");
  if (wanted.monitoring_interval_seconds.value_or(0) > 0 && differs("monitoring_role"))
    unmet.emplace("monitoring_role");
  if (!is_default_group(wanted.parameter_groups) && differs("parameter_groups"))
    unmet.emplace("parameter_groups");
  if (!is_default_group(wanted.option_groups) && differs("option_groups"))
    unmet.emplace("option_groups");
  return unmet;
}

std::vector<AssociatedRole> missing_roles(const InstanceSettings& wanted,
                                          const InstanceSettings& shown) {
  std::vector<AssociatedRole> missing;
  for (const AssociatedRole& role : wanted.roles)
    if (std::find(shown.roles.begin(), shown.roles.end(), role) == shown.roles.end())
      missing.push_back(role);
  return missing;
}

Tags missing_tags(const InstanceSettings& wanted, const InstanceSettings& shown) {
  Tags missing;
  for (const auto& [key, value] : wanted.tags) {
    const auto found = shown.tags.find(key);
    if (is_users_tag(key) && (found == shown.tags.end() || found->second != value))
      missing.emplace(key, value);
  }
  return missing;
}

}  // namespace tidemark::core
