#include "config/read_tables.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/snapshot_name.h"

namespace tidemark::config {
namespace {

constexpr int kArchiveJobsMax = 64;
constexpr int kFilesJobsMax = 256;

Database read_database(const std::string& name, const toml::table& table, Faults& faults) {
  TableReader reader(table, name, faults);
  Database database;
  database.user = reader.text("user").value_or("");
  database.name = reader.text("name").value_or("");
  database.password_file = reader.text("password_file").value_or("");
  database.password_command = reader.texts("password_command");
  database.ca_bundle = reader.text("ca_bundle").value_or("");
  if (!database.password_file.empty() && !database.password_command.empty())
    reader.fault("password_file", "there is a password_command too; give one of them");
  reader.finish();
  return database;
}

Check read_check(const std::string& name, const toml::table& table, Faults& faults) {
  TableReader reader(table, name, faults);
  Check check;
  check.sql = reader.text("sql").value_or("");
  check.name = reader.text("name").value_or(check.sql);
  check.database = reader.text("database").value_or("");
  if (check.sql.empty()) reader.fault("sql", "is missing: a query whose one value is to be true");
  reader.finish();
  return check;
}

Restore read_restore(const std::string& name, const toml::table& table, Faults& faults) {
  TableReader reader(table, name, faults);
  Restore restore;
  restore.deadline =
      reader.duration("deadline", std::chrono::minutes(1)).value_or(restore.deadline);
  restore.hook = reader.texts("hook");
  restore.hook_deadline =
      reader.duration("hook_deadline", Seconds(1)).value_or(restore.hook_deadline);
  for (const toml::table* check : reader.tables("check"))
    restore.checks.push_back(read_check(name + ".check", *check, faults));
  reader.finish();
  return restore;
}

// Without databases of its own it is the one that checks log in to.
Archive read_archive(const std::string& name, const toml::table& table, const Source& source,
                     Faults& faults) {
  TableReader reader(table, name, faults);
  Archive archive;
  archive.policy = reader.text("policy").value_or(source.policy);
  archive.databases = reader.texts("databases");
  archive.jobs = reader.integer("jobs", 1, kArchiveJobsMax).value_or(archive.jobs);
  const Database database = source.database.value_or(Database{});
  if (archive.databases.empty() && !database.name.empty()) archive.databases = {database.name};
  if (archive.databases.empty())
    reader.fault("databases", fmt::format("is missing: the databases to archive, or name in "
                                          "[source.{}.database]",
                                          source.name));
  reader.finish();
  return archive;
}

// bucket and prefix stand in [source.NAME] itself; how the bucket is reached, in the table.
// "s3://BUCKET/FOLDER/".
void read_report(TableReader& reader, Files& files) {
  constexpr std::string_view kScheme = "s3://";
  const std::string url = reader.text("inventory_report").value_or("");
  if (url.empty()) return;
  const std::size_t slash = url.find('/', kScheme.size());
  if (!url.starts_with(kScheme) || slash == std::string::npos || slash == kScheme.size() ||
      slash + 1 == url.size()) {
    reader.fault("inventory_report",
                 "is no \"s3://BUCKET/PREFIX/SOURCE-BUCKET/CONFIGURATION/\", the folder that S3 "
                 "Inventory writes its reports to");
    return;
  }
  files.report_bucket = url.substr(kScheme.size(), slash - kScheme.size());
  files.report_folder = url.substr(slash + 1);
  if (!files.report_folder.ends_with('/')) files.report_folder += '/';
}

std::optional<Files> read_files(const Source& of, TableReader& source, Faults& faults) {
  Files files;
  if (of.archive) files.policy = of.archive->policy;
  files.bucket = source.text("bucket").value_or("");
  files.prefix = source.text("prefix").value_or("");
  const toml::table* const table = source.table("files");
  if (files.bucket.empty()) {
    if (!files.prefix.empty()) source.fault("prefix", "goes with bucket");
    if (table != nullptr) source.fault("files", "goes with bucket, which is missing");
    return std::nullopt;
  }
  if (of.archive) {
    const auto& databases = of.archive->databases;
    if (std::find(databases.begin(), databases.end(), "files") != databases.end())
      source.fault("bucket",
                   "its inventories would have the same name as the archives of the "
                   "database files; archive that as a source of its own");
  }
  if (table == nullptr) return files;
  TableReader reader(*table, "source." + of.name + ".files", faults);
  files.policy = reader.text("policy").value_or(files.policy);
  files.region = reader.text("region").value_or("");
  read_report(reader, files);
  files.endpoint_url = reader.text("endpoint_url").value_or("");
  files.path_style = reader.boolean("path_style");
  files.jobs = reader.integer("jobs", 1, kFilesJobsMax).value_or(files.jobs);
  reader.finish();
  return files;
}

References read_references(const Source& of, const toml::table& table, Faults& faults) {
  TableReader reader(table, "source." + of.name + ".references", faults);
  References references;
  references.sql = reader.text("sql").value_or("");
  references.database = reader.text("database").value_or("");
  if (references.sql.empty())
    reader.fault("sql", "is missing: a query whose one column is the keys of files");
  if (references.database.empty() && of.archive && !of.archive->databases.empty())
    references.database = of.archive->databases.front();
  reader.finish();
  return references;
}

}  // namespace

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  });
  return text;
}

Source read_source(const std::string& name, const toml::table& table, Faults& faults) {
  TableReader reader(table, "source." + name, faults);
  Source source{.name = name};
  if (const Status valid = core::check_source_name(name); !valid)
    faults.add(table, valid.error().message + "; " + valid.error().hint);
  // RDS stores identifiers in lower case (API reference, CreateDBInstance).
  source.instance = lower(reader.text("instance").value_or(name));
  source.region = reader.text("region").value_or("");
  source.policy = reader.text("policy").value_or(std::string(kDefaultPolicy));
  const std::string path = "source." + name;
  if (const toml::table* database = reader.table("database"))
    source.database = read_database(path + ".database", *database, faults);
  if (const toml::table* restore = reader.table("restore"))
    source.restore = read_restore(path + ".restore", *restore, faults);
  if (const toml::table* archive = reader.table("archive"))
    source.archive = read_archive(path + ".archive", *archive, source, faults);
  source.files = read_files(source, reader, faults);
  if (const toml::table* references = reader.table("references")) {
    source.references = read_references(source, *references, faults);
    if (!source.files) reader.fault("references", "goes with bucket, which is missing");
  }
  reader.finish();
  return source;
}

Repository read_repository(const toml::table& table, Faults& faults) {
  TableReader reader(table, "repository", faults);
  Repository repository;
  repository.url = reader.text("url").value_or("");
  repository.key_file = reader.text("key_file").value_or("");
  repository.password_file = reader.text("password_file").value_or("");
  repository.password_command = reader.texts("password_command");
  repository.region = reader.text("region").value_or("");
  repository.endpoint_url = reader.text("endpoint_url").value_or("");
  repository.path_style = reader.boolean("path_style");
  repository.kms_key = reader.text("kms_key").value_or("");
  repository.cache_dir = reader.text("cache_dir").value_or("");
  repository.policy = reader.text("policy").value_or("");
  repository.grace = reader.duration("grace", kGraceLeast).value_or(repository.grace);
  const int secrets = (repository.key_file.empty() ? 0 : 1) +
                      (repository.password_file.empty() ? 0 : 1) +
                      (repository.password_command.empty() ? 0 : 1);
  if (repository.url.empty()) reader.fault("url", "is missing: a folder, or s3://bucket/prefix");
  if (secrets != 1)
    reader.fault("key_file", "give exactly one of key_file, password_file and password_command");
  reader.finish();
  return repository;
}

}  // namespace tidemark::config
