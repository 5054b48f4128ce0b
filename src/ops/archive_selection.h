// Which part of an archive is wanted. Pure.
#pragma once

#include <string>
#include <vector>

#include "ops/archive_assembly.h"

namespace tidemark::ops {

// Leaves one schema with all that is in it, and takes away the rest. Foreign keys to tables of
// other schemas go too, because they could not be made; their names are returned. Fails with
// not_found when the archive has no such schema.
Result<std::vector<std::string>> select_schema(Assembly& assembly, const std::string& schema);

// Leaves one table's definition and rows, as pg_restore --table does: without indexes, constraints,
// grants. The index is that of find_table.
void select_table(Assembly& assembly, std::size_t index);

// Leaves the large objects alone, without their content.
postgres::CustomArchive only_large_objects(const Assembly& assembly);

// Takes away what fills materialized views, and, of definitions alone, the large objects.
void drop_views_data(postgres::CustomArchive& archive);
void drop_large_objects(Assembly& assembly);

// The place of the table in the archive's list, by a name as people type it. Fails with not_found.
Result<std::size_t> find_table(const Assembly& assembly, const std::string& name);

}  // namespace tidemark::ops
