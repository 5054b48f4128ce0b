#include "postgres/dump/quoted_name.h"

#include <fmt/format.h>

#include "base/remote_text.h"

namespace tidemark::postgres {
namespace {

bool is_name_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '$' || static_cast<unsigned char>(c) >= 0x80;
}

std::optional<std::string> take_quoted(std::string_view& text) {
  std::string name;
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (text[at] != '"') {
      name += text[at];
    } else if (at + 1 < text.size() && text[at + 1] == '"') {
      name += text[at++];
    } else {
      text.remove_prefix(at + 1);
      return name;
    }
  }
  return std::nullopt;
}

std::optional<std::string> take_part(std::string_view& text) {
  if (!text.empty() && text[0] == '"') return take_quoted(text);
  std::size_t end = 0;
  while (end < text.size() && is_name_byte(text[end])) ++end;
  if (end == 0) return std::nullopt;
  std::string part(text.substr(0, end));
  // As the server reads what is not quoted.
  for (char& c : part)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  text.remove_prefix(end);
  return part;
}

bool take_word(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  text.remove_prefix(word.size());
  return true;
}

// Up to its semicolon, which is not in quotes.
std::string_view first_statement(std::string_view text) {
  char quote = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == ';') {
      return text.substr(0, at);
    }
  }
  return text;
}

Error unknown_definition() {
  return Error{ErrorKind::corrupt, "the archive's definition has an unknown form"};
}

}  // namespace

std::string quote_name(std::string_view name) {
  std::string quoted = "\"";
  for (const char c : name) {
    if (c == '"') quoted += c;
    quoted += c;
  }
  return quoted + "\"";
}

std::string quote_name(const QualifiedName& name) {
  return name.schema.empty() ? quote_name(name.name)
                             : quote_name(name.schema) + "." + quote_name(name.name);
}

std::optional<QualifiedName> take_name(std::string_view& text) {
  auto first = take_part(text);
  if (!first) return std::nullopt;
  if (!text.starts_with(".")) return QualifiedName{.schema = {}, .name = *std::move(first)};
  text.remove_prefix(1);
  auto second = take_part(text);
  if (!second) return std::nullopt;
  return QualifiedName{.schema = *std::move(first), .name = *std::move(second)};
}

Result<QualifiedName> parse_name(std::string_view text) {
  std::string_view rest = text;
  auto name = take_name(rest);
  if (name && rest.empty()) return *std::move(name);
  return Error{ErrorKind::invalid_input, fmt::format("'{}' is no name", clean_remote_text(text)),
               "write it as in SQL: public.orders, or \"odd schema\".\"odd name\""};
}

Result<std::string> define_table_as(std::string_view definition, const QualifiedName& name) {
  std::string_view rest = definition;
  if (!take_word(rest, "CREATE TABLE ") && !take_word(rest, "CREATE UNLOGGED TABLE "))
    return unknown_definition();
  if (!take_name(rest)) return unknown_definition();
  const std::string_view body = first_statement(rest);
  if (!body.starts_with(" (")) return unknown_definition();
  if (body.find("\nINHERITS (") != std::string_view::npos)
    return Error{ErrorKind::unsupported, "the table inherits from another one",
                 "restore it whole, into a database of its own"};
  return fmt::format("CREATE TABLE {}{}", quote_name(name), body);
}

Result<std::string> define_database_as(std::string_view definition, const std::string& name) {
  std::string_view rest = definition;
  if (!take_word(rest, "CREATE DATABASE ") || !take_name(rest)) return unknown_definition();
  return fmt::format("CREATE DATABASE {}{}", quote_name(name), first_statement(rest));
}

}  // namespace tidemark::postgres
