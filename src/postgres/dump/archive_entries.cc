#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "base/remote_text.h"
#include "postgres/dump/archive_writer.h"

namespace tidemark::postgres {
namespace {

constexpr std::string_view kRelations = "1259";     // oid of pg_class
constexpr std::string_view kLargeObjects = "2613";  // oid of pg_largeobject

// A literal for a session with standard_conforming_strings on or off: backslashes ask for E''.
std::string literal(std::string_view text) {
  std::string quoted = text.find('\\') == std::string_view::npos ? "'" : "E'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') quoted += c;
    quoted += c;
  }
  return quoted + "'";
}

class Additions {
 public:
  explicit Additions(CustomArchive& archive) : archive_(archive) {
    for (const ArchiveEntry& entry : archive.entries) {
      last_id_ = std::max(last_id_, entry.dump_id);
      if (entry.table_oid == kRelations) relations_[entry.oid] = &entry;
      if (entry.kind == "EXTENSION") extensions_[entry.tag.value_or("")] = &entry;
    }
  }

  Result<DataEntries> add(const ArchiveData& data) {
    DataEntries added;
    for (const LargeObject& object : data.large_objects) add_large_object(object);
    for (const TableToCopy& table : data.tables) {
      const std::int32_t id = TRY(add_table(table));
      added.tables.push_back(id);
    }
    for (const SequenceToCopy& sequence : data.sequences) TRY(add_sequence(sequence));
    if (!data.large_objects.empty()) added.large_objects = add_large_object_data();
    for (const ViewToRefresh& view : data.views) TRY(add_view(view));
    insert();
    return added;
  }

 private:
  ArchiveEntry fresh(std::string kind, Section section) {
    ArchiveEntry entry;
    entry.dump_id = ++last_id_;
    entry.kind = std::move(kind);
    entry.section = section;
    return entry;
  }

  // What it belongs to, by which pg_restore knows when it may come.
  Result<const ArchiveEntry*> relation(const std::string& oid, const std::string& name) const {
    const auto at = relations_.find(oid);
    if (at != relations_.end()) return at->second;
    return Error{ErrorKind::corrupt,
                 fmt::format("{} has no definition in the archive", clean_remote_text(name))};
  }

  Result<std::int32_t> add_table(const TableToCopy& table) {
    ArchiveEntry entry = fresh("TABLE DATA", Section::data);
    if (table.extension.empty()) {
      entry.dependencies = {std::to_string(TRY(relation(table.oid, table.name))->dump_id)};
    } else if (const auto at = extensions_.find(table.extension); at != extensions_.end()) {
      entry.dependencies = {std::to_string(at->second->dump_id)};
    }
    entry.has_data = true;
    entry.oid = table.oid;
    entry.tag = table.table;
    entry.schema = table.schema;
    entry.owner = table.owner;
    entry.copy = copy_in_statement(table) + ";\n";
    data_.push_back(entry);
    return entry.dump_id;
  }

  Status add_sequence(const SequenceToCopy& sequence) {
    ArchiveEntry entry = fresh("SEQUENCE SET", Section::data);
    // One that belongs to an identity column is defined with its table, and has an entry anyhow;
    // one of an extension has none.
    if (const auto at = relations_.find(sequence.oid); at != relations_.end())
      entry.dependencies = {std::to_string(at->second->dump_id)};
    entry.tag = sequence.sequence;
    entry.schema = sequence.schema;
    entry.owner = sequence.owner;
    entry.definition =
        fmt::format("SELECT pg_catalog.setval({}, {}, {});\n", literal(sequence.name),
                    sequence.last_value, sequence.is_called ? "true" : "false");
    data_.push_back(std::move(entry));
    return Done{};
  }

  Status add_view(const ViewToRefresh& view) {
    ArchiveEntry entry = fresh("MATERIALIZED VIEW DATA", Section::post_data);
    entry.dependencies = {std::to_string(TRY(relation(view.oid, view.name))->dump_id)};
    // In their order, also when pg_restore runs several at a time.
    if (last_view_) entry.dependencies.push_back(std::to_string(*last_view_));
    last_view_ = entry.dump_id;
    entry.oid = view.oid;
    entry.tag = view.view;
    entry.schema = view.schema;
    entry.owner = view.owner;
    entry.definition = fmt::format("REFRESH MATERIALIZED VIEW {};\n", view.name);
    views_.push_back(std::move(entry));
    return Done{};
  }

  void add_large_object(const LargeObject& object) {
    ArchiveEntry entry = fresh("BLOB", Section::pre_data);
    const std::int32_t id = entry.dump_id;
    entry.table_oid = kLargeObjects;
    entry.oid = std::to_string(object.oid);
    entry.tag = entry.oid;
    entry.owner = object.owner;
    entry.definition = fmt::format("SELECT pg_catalog.lo_create('{}');\n", object.oid);
    entry.drop = fmt::format("SELECT pg_catalog.lo_unlink('{}');\n", object.oid);
    pre_data_.push_back(std::move(entry));
    if (object.comment)
      add_about(
          id, object, "COMMENT",
          fmt::format("COMMENT ON LARGE OBJECT {} IS {};\n", object.oid, literal(*object.comment)));
    if (!object.grants.empty()) add_about(id, object, "ACL", object.grants);
  }

  void add_about(std::int32_t id, const LargeObject& object, std::string kind,
                 std::string definition) {
    ArchiveEntry entry = fresh(std::move(kind), Section::none);
    entry.tag = fmt::format("LARGE OBJECT {}", object.oid);
    entry.owner = object.owner;
    entry.definition = std::move(definition);
    entry.dependencies = {std::to_string(id)};
    pre_data_.push_back(std::move(entry));
  }

  std::int32_t add_large_object_data() {
    ArchiveEntry entry = fresh("BLOBS", Section::data);
    entry.has_data = true;
    entry.tag = "BLOBS";
    data_.push_back(entry);
    return entry.dump_id;
  }

  // pg_restore goes through the contents as they stand: definitions, data, what needs data.
  void insert() {
    std::vector<ArchiveEntry>& entries = archive_.entries;
    const auto post_data =
        std::find_if(entries.begin(), entries.end(),
                     [](const ArchiveEntry& entry) { return entry.section == Section::post_data; });
    pre_data_.insert(pre_data_.end(), std::make_move_iterator(data_.begin()),
                     std::make_move_iterator(data_.end()));
    entries.insert(post_data, std::make_move_iterator(pre_data_.begin()),
                   std::make_move_iterator(pre_data_.end()));
    entries.insert(entries.end(), std::make_move_iterator(views_.begin()),
                   std::make_move_iterator(views_.end()));
  }

  CustomArchive& archive_;
  std::map<std::string, const ArchiveEntry*, std::less<>> relations_;   // by oid
  std::map<std::string, const ArchiveEntry*, std::less<>> extensions_;  // by name
  std::int32_t last_id_ = 0;
  std::optional<std::int32_t> last_view_;
  std::vector<ArchiveEntry> pre_data_;
  std::vector<ArchiveEntry> data_;
  std::vector<ArchiveEntry> views_;
};

}  // namespace

Result<DataEntries> add_data_entries(CustomArchive& archive, const ArchiveData& data) {
  return Additions(archive).add(data);
}

}  // namespace tidemark::postgres
