// The configuration, validated: what is protected, how often, and what is kept.
//
// It comes from one TOML file or, when there is none, from the variables of the backup script that
// Tidemark replaces. docs/manual/configuration.md describes every key.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/policy.h"
#include "schedule/schedule.h"

namespace tidemark::config {

using Environment = std::map<std::string, std::string>;

struct Policy {
  std::string name;
  schedule::Schedule schedule;
  core::RetentionPolicy retention;
  Seconds overdue_after;  // how late a point may be before the source counts as overdue
};

// How to log in to the source's server, for checks and archives.
struct Database {
  std::string user;           // empty: the instance's master user
  std::string name;           // empty: the instance's first database, else "postgres"
  std::string password_file;  // at most one of these two
  std::vector<std::string> password_command;
  std::string ca_bundle;  // certificates to trust; empty: PGSSLROOTCERT, else the system's
};

// A question to the restored database: one row with one column that is true, or it failed.
struct Check {
  std::string name;
  std::string sql;
  std::string database;  // empty: that of Database
};

struct Restore {
  Seconds deadline = std::chrono::hours(12);  // of each wait
  std::vector<std::string> hook;              // argument vector; empty: none
  Seconds hook_deadline = std::chrono::hours(1);
  std::vector<Check> checks;
};

// Archives of a source that the daemon makes by itself.
struct Archive {
  std::string policy;                  // when, and what is kept
  std::vector<std::string> databases;  // at least one
  int jobs = 2;                        // connections that copy at a time
};

// The bucket that holds the files of a source.
struct Files {
  std::string bucket;
  std::string prefix;        // of the keys; empty: all of the bucket
  std::string region;        // of the bucket; empty: S3 is asked
  std::string endpoint_url;  // empty: that of [aws], else AWS
  std::optional<bool> path_style;
  std::string report_bucket;  // of S3 Inventory's reports; empty: the bucket is listed
  std::string report_folder;  // of one configuration: "inventory/shop-files/daily/"
  int jobs = 8;               // files that are copied at a time
  std::string policy;         // of inventories of archives; empty: they are taken by hand
};

// Which rows name files, so that a run can see whether the files are there.
struct References {
  std::string sql;       // one column: the keys
  std::string database;  // empty: the first one that is archived
};

struct Source {
  std::string name;
  std::string instance;  // DB instance identifier
  std::string region;
  std::string policy;
  std::optional<Files> files;
  std::optional<References> references;
  std::optional<Archive> archive;
  std::optional<Database> database;
  Restore restore;
};

// Where archives go, and how it is opened.
struct Repository {
  std::string url;       // a folder, or s3://bucket/prefix
  std::string key_file;  // one of these three
  std::string password_file;
  std::vector<std::string> password_command;
  std::string region;        // of the bucket; empty: S3 is asked
  std::string endpoint_url;  // empty: that of [aws], else AWS
  std::optional<bool> path_style;
  std::string kms_key;    // ARN of the key that the bucket encrypts with; for `iam`
  std::string cache_dir;  // disposable; empty: "cache" in state_dir
  std::string policy;     // keeps archives that no [source.NAME.archive] claims; empty: all stay
  Seconds grace = std::chrono::hours(7 * 24);  // from condemned to deleted
};

struct Aws {
  std::string region;
  std::string profile;
  std::string endpoint_url;
  std::string account;                // 12 digits; empty: not said. For `iam` and `doctor`
  std::vector<std::string> kms_keys;  // ARNs of the keys that the instances are encrypted with
  int snapshot_quota = 100;           // manual snapshots in an account and region
};

// What `doctor` looks at beyond what the rest of the configuration names.
struct Doctor {
  bool daily = true;                       // whether the daemon looks once a day
  std::vector<std::string> app_users;      // ARNs: roles or users of the application
  std::vector<std::string> files_buckets;  // of the application's files
};

struct Config {
  std::string origin;  // the file, or "environment"
  std::string owner = "tidemark";
  std::string state_dir;
  Seconds interval{300};  // between two looks of the daemon
  bool thin = true;       // whether `run` condemns and deletes, too
  Seconds snapshot_deadline = std::chrono::hours(24);
  Aws aws;
  Doctor doctor;
  std::optional<Repository> repository;
  std::vector<Source> sources;  // by name
  std::map<std::string, Policy> policies;

  const Policy& policy_of(const Source& source) const { return policies.at(source.policy); }
  bool archives_by_itself() const;  // whether any source has archives that the daemon makes
  // Whether the files of that source are listed with each of its points.
  bool takes_inventories(const Source& source) const { return source.files && repository; }
};

// Where the configuration is looked for, first match wins: the path given, TIDEMARK_CONFIG,
// $XDG_CONFIG_HOME/tidemark/tidemark.toml (or ~/.config), /etc/tidemark/tidemark.toml. nullopt when
// no file is there. A path that was given must exist.
Result<std::optional<std::string>> find_config_file(const std::optional<std::string>& given,
                                                    const Environment& environment);

// Finds, reads and validates. All faults are in one error of kind invalid_input, a line each, with
// file and line number.
Result<Config> load_config(const std::optional<std::string>& given, const Environment& environment);

// The same for a text: what load_config does with the file's content.
Result<Config> parse_config(std::string_view text, const std::string& origin,
                            const Environment& environment);

// The configuration that the variables of the old script mean: AWS_RDS_IDENTIFIER, AWS_REGION_NAME
// and BACKUP_CRON_INTERVAL, each with its old default. nullopt when none of them is set.
Result<std::optional<Config>> config_from_old_variables(const Environment& environment);

// A commented file to start from.
std::string sample_config();

}  // namespace tidemark::config
