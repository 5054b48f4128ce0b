#include "ops/restore_order.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "base/remote_text.h"
#include "postgres/dump/quoted_name.h"

namespace tidemark::ops {
namespace {

constexpr std::size_t kNamedMax = 8;  // of the tables in a circle

Error circle(const std::vector<std::string>& tables) {
  std::string names;
  for (std::size_t i = 0; i < std::min(tables.size(), kNamedMax); ++i)
    names += (i > 0 ? ", " : "") + clean_remote_text(tables[i]);
  if (tables.size() > kNamedMax) names += fmt::format(" and {} more", tables.size() - kNamedMax);
  return Error{ErrorKind::unsupported,
               fmt::format("foreign keys refer in a circle, or to tables in one: {}", names),
               "--disable-triggers takes the rows without checking, as a role that may set "
               "session_replication_role (rds_superuser on RDS); or drop a key and make it again"};
}

}  // namespace

Result<std::vector<TableReference>> read_references(postgres::Connection& connection) {
  const auto rows = TRY(connection.query(
      "WITH RECURSIVE part(root, rel) AS ("
      "SELECT oid, oid FROM pg_catalog.pg_class WHERE relkind IN ('r', 'p') UNION ALL "
      "SELECT part.root, i.inhrelid FROM part "
      "JOIN pg_catalog.pg_class p ON p.oid = part.rel AND p.relkind = 'p' "
      "JOIN pg_catalog.pg_inherits i ON i.inhparent = part.rel) "
      "SELECT DISTINCT fn.nspname, f.relname, tn.nspname, t.relname "
      "FROM pg_catalog.pg_constraint k "
      "JOIN part fp ON fp.root = k.conrelid JOIN part tp ON tp.root = k.confrelid "
      "JOIN pg_catalog.pg_class f ON f.oid = fp.rel AND f.relkind = 'r' "
      "JOIN pg_catalog.pg_class t ON t.oid = tp.rel AND t.relkind = 'r' "
      "JOIN pg_catalog.pg_namespace fn ON fn.oid = f.relnamespace "
      "JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace WHERE k.contype = 'f'"));
  std::vector<TableReference> references;
  for (const postgres::Row& row : rows.rows)
    references.push_back({postgres::quote_name({*row.at(0), *row.at(1)}),
                          postgres::quote_name({*row.at(2), *row.at(3)})});
  return references;
}

std::set<std::string> self_referring(const std::vector<TableReference>& references) {
  std::set<std::string> tables;
  for (const TableReference& one : references)
    if (one.from == one.to) tables.insert(one.from);
  return tables;
}

Result<std::vector<std::size_t>> waves_of(const std::vector<std::string>& tables,
                                          const std::vector<TableReference>& references) {
  std::map<std::string, std::size_t> number;
  for (std::size_t i = 0; i < tables.size(); ++i) number.emplace(tables[i], i);
  std::vector<std::vector<std::size_t>> referred_by(tables.size());
  std::vector<std::size_t> refers_to(tables.size());
  for (const TableReference& one : references) {
    const auto from = number.find(one.from);
    const auto to = number.find(one.to);
    // What is not of the archive is there already.
    if (from == number.end() || to == number.end() || from == to) continue;
    referred_by[to->second].push_back(from->second);
    ++refers_to[from->second];
  }
  std::vector<std::size_t> waves(tables.size());
  std::vector<std::size_t> ready;
  for (std::size_t i = 0; i < tables.size(); ++i)
    if (refers_to[i] == 0) ready.push_back(i);
  for (std::size_t at = 0; at < ready.size(); ++at)
    for (const std::size_t next : referred_by[ready[at]]) {
      waves[next] = std::max(waves[next], waves[ready[at]] + 1);
      if (--refers_to[next] == 0) ready.push_back(next);
    }
  if (ready.size() == tables.size()) return waves;
  std::vector<std::string> left;
  for (std::size_t i = 0; i < tables.size(); ++i)
    if (refers_to[i] > 0) left.push_back(tables[i]);
  return circle(left);
}

}  // namespace tidemark::ops
