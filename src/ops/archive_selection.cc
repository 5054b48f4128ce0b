#include "ops/archive_selection.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/remote_text.h"
#include "postgres/dump/quoted_name.h"

namespace tidemark::ops {
namespace {

using postgres::ArchiveEntry;

bool is_of_large_objects(const ArchiveEntry& entry) {
  return entry.kind == "BLOB" || entry.kind == "BLOBS" ||
         (!entry.schema && entry.tag.value_or("").starts_with("LARGE OBJECT "));
}

bool is_of_schema(const ArchiveEntry& entry, const std::string& schema) {
  const std::string kind = entry.kind.value_or("");
  // They belong to publications, which belong to the database.
  if (kind.starts_with("PUBLICATION TABLE")) return false;
  if (entry.schema.value_or("") == schema) return true;
  if (kind == "SCHEMA") return entry.tag == schema;
  // Comments and grants of the schema itself.
  return entry.schema.value_or("").empty() && entry.tag == "SCHEMA " + schema;
}

}  // namespace

Result<std::vector<std::string>> select_schema(Assembly& assembly, const std::string& schema) {
  std::vector<ArchiveEntry>& entries = assembly.archive.entries;
  std::set<std::string> gone;
  for (const ArchiveEntry& entry : entries)
    if (!is_of_schema(entry, schema)) gone.insert(std::to_string(entry.dump_id));
  std::vector<std::string> left_out;
  const auto is_wanted = [&](const ArchiveEntry& entry) {
    if (gone.contains(std::to_string(entry.dump_id))) return false;
    const bool needs_others = entry.kind == "FK CONSTRAINT" &&
                              std::any_of(entry.dependencies.begin(), entry.dependencies.end(),
                                          [&](const std::string& id) { return gone.contains(id); });
    if (needs_others) left_out.push_back(entry.tag.value_or("?"));
    return !needs_others;
  };
  std::vector<ArchiveEntry> kept;
  for (ArchiveEntry& entry : entries)
    if (is_wanted(entry)) kept.push_back(std::move(entry));
  entries = std::move(kept);

  postgres::ArchiveData& data = assembly.data;
  Assembly chosen;
  for (std::size_t i = 0; i < data.tables.size(); ++i)
    if (data.tables[i].schema == schema) {
      chosen.data.tables.push_back(data.tables[i]);
      chosen.entries.tables.push_back(assembly.entries.tables[i]);
    }
  std::erase_if(data.sequences, [&](const auto& one) { return one.schema != schema; });
  std::erase_if(data.views, [&](const auto& one) { return one.schema != schema; });
  data.tables = std::move(chosen.data.tables);
  data.large_objects.clear();
  assembly.entries = std::move(chosen.entries);
  if (!entries.empty()) return left_out;
  return Error{ErrorKind::not_found,
               fmt::format("the archive has nothing in schema {}", clean_remote_text(schema)),
               "name it as it is, without quotes"};
}

void select_table(Assembly& assembly, std::size_t index) {
  postgres::ArchiveData& data = assembly.data;
  const postgres::TableToCopy table = data.tables[index];
  const std::int32_t rows = assembly.entries.tables[index];
  std::erase_if(assembly.archive.entries, [&](const ArchiveEntry& entry) {
    const bool is_table = entry.kind == "TABLE" && entry.oid == table.oid;
    return !is_table && entry.dump_id != rows;
  });
  data = {.tables = {table}, .sequences = {}, .views = {}, .large_objects = {}};
  assembly.entries = {.tables = {rows}, .large_objects = {}};
}

postgres::CustomArchive only_large_objects(const Assembly& assembly) {
  postgres::CustomArchive archive = assembly.archive;
  std::erase_if(archive.entries,
                [](const ArchiveEntry& entry) { return !is_of_large_objects(entry); });
  return archive;
}

void drop_large_objects(Assembly& assembly) {
  std::erase_if(assembly.archive.entries, is_of_large_objects);
  assembly.data.large_objects.clear();
  assembly.entries.large_objects.reset();
}

void drop_views_data(postgres::CustomArchive& archive) {
  std::erase_if(archive.entries,
                [](const ArchiveEntry& entry) { return entry.kind == "MATERIALIZED VIEW DATA"; });
}

Result<std::size_t> find_table(const Assembly& assembly, const std::string& name) {
  const auto wanted = TRY(postgres::parse_name(name));
  const auto& tables = assembly.data.tables;
  const auto found = std::find_if(tables.begin(), tables.end(), [&](const auto& table) {
    return table.schema == wanted.schema && table.table == wanted.name;
  });
  if (found != tables.end()) return static_cast<std::size_t>(found - tables.begin());
  return Error{ErrorKind::not_found,
               fmt::format("the archive has no table {}", clean_remote_text(name)),
               "name it with its schema, as in public.orders"};
}

}  // namespace tidemark::ops
