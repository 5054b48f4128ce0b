#include "ops/archive_selection.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "base/remote_text.h"

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

using TableName = std::pair<std::string, std::string>;  // schema, name

// The partitioned table that a partition is attached to, from
// "ALTER TABLE ONLY a.parent ATTACH PARTITION a.child ...".
std::optional<TableName> parent_of(const ArchiveEntry& entry) {
  constexpr std::string_view kBegin = "ALTER TABLE ONLY ";
  if (entry.kind != "TABLE ATTACH" || !entry.definition) return {};
  std::string_view text = *entry.definition;
  if (!text.starts_with(kBegin)) return {};
  text.remove_prefix(kBegin.size());
  const auto parent = postgres::take_name(text);
  if (!parent || !text.starts_with(" ATTACH PARTITION ")) return {};
  return TableName(parent->schema, parent->name);
}

// All partitions of the table, and theirs.
std::set<TableName> below(const postgres::CustomArchive& archive, const TableName& table) {
  std::multimap<TableName, TableName> children;
  for (const ArchiveEntry& entry : archive.entries)
    if (const auto parent = parent_of(entry))
      children.emplace(*parent, TableName(entry.schema.value_or(""), entry.tag.value_or("")));
  std::set<TableName> found;
  std::vector<TableName> open{table};
  while (!open.empty()) {
    const auto [first, last] = children.equal_range(open.back());
    open.pop_back();
    for (auto at = first; at != last; ++at)
      if (found.insert(at->second).second) open.push_back(at->second);
  }
  return found;
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

void select_table(Assembly& assembly, const ChosenTable& chosen) {
  postgres::ArchiveData& data = assembly.data;
  std::vector<postgres::TableToCopy> tables;
  std::vector<std::int32_t> rows;
  for (const std::size_t index : chosen.tables) {
    tables.push_back(data.tables[index]);
    rows.push_back(assembly.entries.tables[index]);
  }
  std::erase_if(assembly.archive.entries, [&](const ArchiveEntry& entry) {
    const std::pair name(entry.schema.value_or(""), entry.tag.value_or(""));
    if (entry.kind == "TABLE")
      return !chosen.below.contains(name) &&
             name != std::pair(chosen.name.schema, chosen.name.name);
    if (entry.kind == "TABLE ATTACH") return !chosen.below.contains(name);
    return std::find(rows.begin(), rows.end(), entry.dump_id) == rows.end();
  });
  data = {.tables = std::move(tables), .sequences = {}, .views = {}, .large_objects = {}};
  assembly.entries = {.tables = std::move(rows), .large_objects = {}};
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

Result<std::string> definition_of(const Assembly& assembly, const postgres::TableToCopy& table) {
  for (const ArchiveEntry& entry : assembly.archive.entries)
    if (entry.kind == "TABLE" && entry.oid == table.oid) return entry.definition.value_or("");
  return Error{ErrorKind::unsupported,
               fmt::format("table {} comes with an extension", clean_remote_text(table.name)),
               "restore its rows without --as"};
}

Result<ChosenTable> find_table(const Assembly& assembly, const std::string& name) {
  ChosenTable chosen{.name = TRY(postgres::parse_name(name)), .tables = {}, .below = {}};
  const TableName wanted(chosen.name.schema, chosen.name.name);
  chosen.below = below(assembly.archive, wanted);
  const auto& tables = assembly.data.tables;
  for (std::size_t i = 0; i < tables.size(); ++i) {
    const TableName own(tables[i].schema, tables[i].table);
    if (own == wanted || chosen.below.contains(own)) chosen.tables.push_back(i);
  }
  if (!chosen.tables.empty()) return chosen;
  return Error{ErrorKind::not_found,
               fmt::format("the archive has no table {}", clean_remote_text(name)),
               "name it with its schema, as in public.orders"};
}

}  // namespace tidemark::ops
