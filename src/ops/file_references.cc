#include "ops/file_references.h"

#include <fmt/format.h>

#include "base/remote_text.h"
#include "postgres/copy/copy_text.h"

namespace tidemark::ops {

// By the bytes of UTF-8, which is how S3 orders keys, whatever the database's own encoding and
// collation are.
std::string references_statement(const std::string& sql) {
  return fmt::format(
      "COPY (SELECT DISTINCT ON (pg_catalog.convert_to(key, 'UTF8')) key FROM (SELECT "
      "of_row.key::pg_catalog.text AS key FROM ({}\n) AS of_row (key)) AS referenced WHERE key IS "
      "NOT NULL ORDER BY pg_catalog.convert_to(key, 'UTF8')) TO STDOUT (ENCODING 'UTF8')",
      sql);
}

Result<std::string> decode_reference(ByteView row) {
  const postgres::Row fields = TRY(postgres::parse_copy_row(row));
  if (fields.size() == 1 && fields[0]) return *fields[0];
  return Error{ErrorKind::corrupt, "a reference to a file cannot be read"};
}

Status ReferenceCheck::next() {
  std::optional<std::string> next = TRY(references_());
  if (next && reference_ && *next <= *reference_)
    return Error{ErrorKind::corrupt, fmt::format("the references have '{}' out of its order",
                                                 clean_remote_text(*next))};
  reference_ = std::move(next);
  return Done{};
}

Status ReferenceCheck::tell(Mismatch mismatch, const std::string& key) {
  ++(mismatch == Mismatch::missing ? missing_ : orphaned_);
  return emit_ ? emit_(mismatch, key) : Done{};
}

Status ReferenceCheck::add_file(const std::string& key) {
  if (!std::exchange(begun_, true)) TRY(next());
  while (reference_ && *reference_ < key) {
    TRY(tell(Mismatch::missing, *reference_));
    TRY(next());
  }
  if (!reference_ || *reference_ != key) return tell(Mismatch::orphaned, key);
  return next();
}

Status ReferenceCheck::finish() {
  if (!std::exchange(begun_, true)) TRY(next());
  while (reference_) {
    TRY(tell(Mismatch::missing, *reference_));
    TRY(next());
  }
  return Done{};
}

}  // namespace tidemark::ops
