// Which part of an archive is wanted. Pure.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ops/archive_assembly.h"
#include "postgres/dump/quoted_name.h"

namespace tidemark::ops {

// Leaves one schema with all that is in it, and takes away the rest. Foreign keys to tables of
// other schemas go too, because they could not be made; their names are returned. Fails with
// not_found when the archive has no such schema.
Result<std::vector<std::string>> select_schema(Assembly& assembly, const std::string& schema);

// A table by its name; a partitioned one with all that is below it.
struct ChosenTable {
  postgres::QualifiedName name;     // of the table itself
  std::vector<std::size_t> tables;  // with rows, places in the archive's list; of a partition tree
  std::set<std::pair<std::string, std::string>> below;  // schema and name of each partition

  bool partitioned() const { return !below.empty(); }
};

// By a name as people type it. Fails with not_found.
Result<ChosenTable> find_table(const Assembly& assembly, const std::string& name);

// The statement that makes the table, and more. Fails with unsupported when it has none.
Result<std::string> definition_of(const Assembly& assembly, const postgres::TableToCopy& table);

// Leaves the definitions and rows of the table and its partitions, as pg_restore --table does of
// one: without indexes, constraints, grants.
void select_table(Assembly& assembly, const ChosenTable& chosen);

// Leaves the large objects alone, without their content.
postgres::CustomArchive only_large_objects(const Assembly& assembly);

// Takes away what fills materialized views, and, of definitions alone, the large objects.
void drop_views_data(postgres::CustomArchive& archive);
void drop_large_objects(Assembly& assembly);

}  // namespace tidemark::ops
