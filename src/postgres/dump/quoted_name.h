// Names as SQL has them: plain or in double quotes, of one part or of two with a dot between.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tidemark::postgres {

struct QualifiedName {
  std::string schema;  // empty when there is one part only
  std::string name;
};

// In double quotes, whatever it is.
std::string quote_name(std::string_view name);

// schema.name, quoted; the name alone when there is no schema.
std::string quote_name(const QualifiedName& name);

// Takes a name off the front of the text, as PostgreSQL writes it or people type it. nullopt when
// there is none.
std::optional<QualifiedName> take_name(std::string_view& text);

// All of the text is one name. Fails with invalid_input.
Result<QualifiedName> parse_name(std::string_view text);

// The first statement of a definition "CREATE TABLE a.b (...)", with another name. Fails with
// unsupported when the table is made from another one: it would belong to that.
Result<std::string> define_table_as(std::string_view definition, const QualifiedName& name);

// The statement "CREATE DATABASE a ...", with another name.
Result<std::string> define_database_as(std::string_view definition, const std::string& name);

}  // namespace tidemark::postgres
