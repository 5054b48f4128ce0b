#include "config/config.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/file.h"
#include "config/read_tables.h"
#include "config/table_reader.h"
#include "core/snapshot_name.h"
#include "schedule/time_zone.h"

namespace tidemark::config {
namespace {

constexpr std::size_t kFileBytesMax = 1 << 20;
constexpr int kKeepMax = 100'000;

std::string value_or(const Environment& environment, const std::string& name,
                     std::string_view fallback) {
  const auto found = environment.find(name);
  return found == environment.end() || found->second.empty() ? std::string(fallback)
                                                             : found->second;
}

// A late weekly point is half a day's matter, a late hourly one an hour's.
Seconds default_overdue_after(const schedule::Schedule& schedule) {
  return std::clamp<Seconds>(schedule.interval_max() / 4, std::chrono::hours(1),
                             std::chrono::hours(12));
}

core::RetentionPolicy default_retention() {
  core::RetentionPolicy retention;
  retention.daily = 7;
  retention.weekly = 8;
  retention.monthly = 24;
  retention.yearly = 10;
  return retention;
}

Result<Policy> make_policy(std::string name, std::string_view expression, std::string_view zone,
                           core::RetentionPolicy retention) {
  schedule::TimeZone time_zone = TRY(schedule::TimeZone::find(zone));
  schedule::Schedule schedule = TRY(schedule::Schedule::parse(expression, std::move(time_zone)));
  const Seconds overdue_after = default_overdue_after(schedule);
  return Policy{std::move(name), std::move(schedule), retention, overdue_after};
}

void read_keep(const toml::table& table, const std::string& name, Faults& faults,
               core::RetentionPolicy& retention) {
  retention = core::RetentionPolicy{};  // what is written replaces the default as a whole
  TableReader reader(table, name, faults);
  const auto read = [&](std::string_view key, int& value) {
    value = reader.integer(key, 0, kKeepMax).value_or(0);
  };
  read("last", retention.last);
  read("hourly", retention.hourly);
  read("daily", retention.daily);
  read("weekly", retention.weekly);
  read("monthly", retention.monthly);
  read("yearly", retention.yearly);
  reader.finish();
  if (retention.points_max() == 0)
    faults.add(table, fmt::format("{} keeps nothing; give at least one of last, hourly, daily, "
                                  "weekly, monthly, yearly",
                                  name));
}

std::optional<Policy> read_policy(const std::string& name, const toml::table& table,
                                  Faults& faults) {
  TableReader reader(table, "policy." + name, faults);
  core::RetentionPolicy retention = default_retention();
  const auto expression = reader.text("schedule").value_or("daily");
  const auto zone = reader.text("time_zone").value_or("UTC");
  if (const toml::table* keep = reader.table("keep"))
    read_keep(*keep, "policy." + name + ".keep", faults, retention);
  retention.keep_min = reader.integer("keep_min", 1, kKeepMax).value_or(retention.keep_min);
  retention.age_min = reader.duration("min_age", Seconds(0)).value_or(retention.age_min);
  retention.grace = reader.duration("grace", kGraceLeast).value_or(retention.grace);
  retention.adopt_legacy = reader.boolean("adopt_legacy").value_or(false);
  const auto overdue_after = reader.duration("overdue_after", std::chrono::minutes(5));

  const auto time_zone = schedule::TimeZone::find(zone);
  if (!time_zone)
    reader.fault("time_zone", time_zone.error().message + "; " + time_zone.error().hint);
  auto policy = make_policy(name, expression, time_zone ? zone : "UTC", retention);
  if (!policy) reader.fault("schedule", policy.error().message + "; " + policy.error().hint);
  reader.finish();
  if (!policy) return std::nullopt;
  if (overdue_after) policy->overdue_after = *overdue_after;
  return *std::move(policy);
}

void read_aws(const toml::table& table, Faults& faults, Aws& aws) {
  TableReader reader(table, "aws", faults);
  aws.region = reader.text("region").value_or("");
  aws.profile = reader.text("profile").value_or("");
  aws.endpoint_url = reader.text("endpoint_url").value_or("");
  aws.account = reader.text("account").value_or("");
  aws.kms_keys = reader.texts("kms_keys");
  aws.snapshot_quota = reader.integer("snapshot_quota", 1, 1'000'000).value_or(100);
  reader.finish();
}

void read_doctor(const toml::table& table, Faults& faults, Doctor& doctor) {
  TableReader reader(table, "doctor", faults);
  doctor.daily = reader.boolean("daily").value_or(doctor.daily);
  doctor.app_users = reader.texts("app_users");
  doctor.files_buckets = reader.texts("files_buckets");
  reader.finish();
}

void check_policy(const toml::node* where, const std::string& asking, const std::string& policy,
                  const Config& config, Faults& faults) {
  if (config.policies.contains(policy)) return;
  std::vector<std::string> known;
  for (const auto& [name, defined] : config.policies) known.push_back(name);
  const std::string text =
      fmt::format("{} asks for policy '{}', which is not defined; there {}: {}", asking, policy,
                  known.size() == 1 ? "is" : "are", fmt::join(known, ", "));
  where == nullptr ? faults.add(text) : faults.add(*where, text);
}

void check_sources(const toml::table& root, Faults& faults, Config& config) {
  // A repository alone serves databases that are named by their URL.
  if (config.sources.empty() && !config.repository)
    faults.add("there is no [source.NAME], so nothing would be protected");
  for (const Source& source : config.sources) {
    const auto table = root["source"][source.name];
    check_policy(table.node(), "source." + source.name, source.policy, config, faults);
    if (source.files && !source.files->policy.empty()) {
      const std::string files = fmt::format("source.{}.files", source.name);
      check_policy(table["files"].node(), files, source.files->policy, config, faults);
      if (!config.repository) faults.add(files + " needs a [repository]");
    }
    if (!source.archive) continue;
    const std::string archive = fmt::format("source.{}.archive", source.name);
    check_policy(table["archive"].node(), archive, source.archive->policy, config, faults);
    if (!config.repository) faults.add(archive + " needs a [repository]");
  }
  if (config.repository && !config.repository->policy.empty())
    check_policy(root["repository"].node(), "repository", config.repository->policy, config,
                 faults);
  const auto region_of = [&](const Source& source) {
    return source.region.empty() ? config.aws.region : source.region;
  };
  for (std::size_t i = 0; i < config.sources.size(); ++i)
    for (std::size_t k = 0; k < i; ++k)
      if (config.sources[i].instance == config.sources[k].instance &&
          region_of(config.sources[i]) == region_of(config.sources[k]))
        faults.add(fmt::format("source.{} and source.{} both protect the instance {}",
                               config.sources[k].name, config.sources[i].name,
                               config.sources[i].instance));
}

Result<toml::table> parse_toml(std::string_view text, const std::string& origin) {
  try {
    return toml::parse(text, origin);
  } catch (const toml::parse_error& error) {
    return Error{ErrorKind::invalid_input,
                 fmt::format("{}:{}: {}", origin, error.source().begin.line, error.description()),
                 "the file is TOML; see https://toml.io"};
  }
}

Error all_faults(const std::vector<std::string>& faults) {
  return Error{ErrorKind::invalid_input, fmt::format("{}", fmt::join(faults, "\n")),
               "mend the lines named; `tidemark config check` looks again"};
}

bool file_exists(const std::string& path) {
  // Only absence means "look further": a file that cannot be read must be complained about.
  const auto content = read_file(path, kFileBytesMax);
  return content || content.error().kind != ErrorKind::not_found;
}

std::string state_dir_from(const Environment& environment) {
  return value_or(environment, "TIDEMARK_STATE_DIR", "/var/lib/tidemark");
}

Result<bool> read_flag(const Environment& environment, const std::string& name) {
  const std::string text = value_or(environment, name, "0");
  if (text == "1" || text == "true" || text == "yes") return true;
  if (text == "0" || text == "false" || text == "no") return false;
  return Error{ErrorKind::invalid_input, fmt::format("{} is '{}'", name, text), "set it to 1 or 0"};
}

Result<Seconds> old_interval(const Environment& environment) {
  const std::string text = value_or(environment, "BACKUP_CRON_INTERVAL", "300");
  const bool digits = text.size() <= 6 && std::all_of(text.begin(), text.end(),
                                                      [](char c) { return c >= '0' && c <= '9'; });
  if (!digits || std::stoi(text) < 1)
    return Error{
        ErrorKind::invalid_input,
        fmt::format("BACKUP_CRON_INTERVAL is '{}', which is not a number of seconds", text),
        "set it to seconds between two looks, such as 300"};
  return Seconds(std::stoi(text));
}

}  // namespace

bool Config::archives_by_itself() const {
  return std::any_of(sources.begin(), sources.end(), [this](const Source& source) {
    return source.archive || takes_inventories(source);
  });
}

Result<std::optional<std::string>> find_config_file(const std::optional<std::string>& given,
                                                    const Environment& environment) {
  if (given) return std::optional(*given);
  if (const std::string named = value_or(environment, "TIDEMARK_CONFIG", ""); !named.empty())
    return std::optional(named);
  const std::string home = value_or(environment, "HOME", "");
  const std::string xdg =
      value_or(environment, "XDG_CONFIG_HOME", home.empty() ? "" : home + "/.config");
  std::vector<std::string> places;
  if (!xdg.empty()) places.push_back(xdg + "/tidemark/tidemark.toml");
  places.emplace_back("/etc/tidemark/tidemark.toml");
  for (const std::string& place : places)
    if (file_exists(place)) return std::optional(place);
  return std::optional<std::string>();
}

Result<Config> load_config(const std::optional<std::string>& given,
                           const Environment& environment) {
  const std::optional<std::string> path = TRY(find_config_file(given, environment));
  if (path) {
    auto content = read_file(*path, kFileBytesMax);
    if (!content) {
      Error error = std::move(content).error();
      error.kind = ErrorKind::invalid_input;
      error.hint = "`tidemark config init` prints a configuration to start from";
      return error;
    }
    return parse_config(*content, *path, environment);
  }
  std::optional<Config> old = TRY(config_from_old_variables(environment));
  if (old) return *std::move(old);
  return Error{
      ErrorKind::invalid_input, "there is no configuration",
      "write one: tidemark config init > /etc/tidemark/tidemark.toml (looked for --config, "
      "TIDEMARK_CONFIG, ~/.config/tidemark/tidemark.toml, /etc/tidemark/tidemark.toml, "
      "AWS_RDS_IDENTIFIER)"};
}

Result<Config> parse_config(std::string_view text, const std::string& origin,
                            const Environment& environment) {
  const toml::table root = TRY(parse_toml(text, origin));
  Faults faults(origin);
  TableReader reader(root, "", faults);
  Config config;
  config.origin = origin;
  config.owner = reader.text("owner").value_or(config.owner);
  config.state_dir = reader.text("state_dir").value_or(state_dir_from(environment));
  config.thin = reader.boolean("thin").value_or(true);
  config.interval = reader.duration("interval", Seconds(1)).value_or(config.interval);
  config.snapshot_deadline = reader.duration("snapshot_deadline", std::chrono::minutes(1))
                                 .value_or(config.snapshot_deadline);
  if (const toml::table* aws = reader.table("aws")) read_aws(*aws, faults, config.aws);
  if (const toml::table* doctor = reader.table("doctor"))
    read_doctor(*doctor, faults, config.doctor);

  if (const toml::table* repository = reader.table("repository"))
    config.repository = read_repository(*repository, faults);

  if (const toml::table* policies = reader.table("policy"))
    for (const auto& [key, node] : *policies) {
      const std::string name(key.str());
      const toml::table* table = node.as_table();
      if (table == nullptr) faults.add(node, fmt::format("policy.{} must be a table", name));
      if (table == nullptr) continue;
      if (auto policy = read_policy(name, *table, faults))
        config.policies.emplace(name, *std::move(policy));
    }
  if (!config.policies.contains(std::string(kDefaultPolicy)))
    config.policies.emplace(kDefaultPolicy, TRY(make_policy(std::string(kDefaultPolicy), "daily",
                                                            "UTC", default_retention())));
  if (const toml::table* sources = reader.table("source"))
    for (const auto& [key, node] : *sources) {
      const std::string name(key.str());
      const toml::table* table = node.as_table();
      if (table == nullptr) faults.add(node, fmt::format("source.{} must be a table", name));
      if (table == nullptr) continue;
      config.sources.push_back(read_source(name, *table, faults));
    }
  reader.finish();
  if (faults.all().empty()) check_sources(root, faults, config);
  if (!faults.all().empty()) return all_faults(faults.all());
  return config;
}

Result<std::optional<Config>> config_from_old_variables(const Environment& environment) {
  const bool any = std::any_of(environment.begin(), environment.end(), [](const auto& variable) {
    return variable.first == "AWS_RDS_IDENTIFIER" || variable.first == "AWS_REGION_NAME" ||
           variable.first == "BACKUP_CRON_INTERVAL";
  });
  if (!any) return std::optional<Config>();
  core::RetentionPolicy retention = default_retention();
  retention.daily = 0;  // the old script took a snapshot a week
  retention.adopt_legacy = TRY(read_flag(environment, "TIDEMARK_ADOPT_LEGACY"));

  Config config;
  config.origin = "environment";
  config.state_dir = state_dir_from(environment);
  config.interval = TRY(old_interval(environment));
  config.aws.region = value_or(environment, "AWS_REGION_NAME", "ap-southeast-2");
  Source source{.policy = std::string(kDefaultPolicy)};
  source.instance = lower(value_or(environment, "AWS_RDS_IDENTIFIER", "aquamark"));
  source.name = source.instance;
  if (const Status valid = core::check_source_name(source.name); !valid)
    return Error{ErrorKind::invalid_input,
                 fmt::format("AWS_RDS_IDENTIFIER is '{}', which is not a DB instance identifier",
                             source.instance),
                 "set it to the identifier that the RDS console shows"};
  config.sources.push_back(std::move(source));
  config.policies.emplace(
      kDefaultPolicy, TRY(make_policy(std::string(kDefaultPolicy), "weekly", "UTC", retention)));
  return std::optional(std::move(config));
}

}  // namespace tidemark::config
