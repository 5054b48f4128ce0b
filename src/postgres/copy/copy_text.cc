#include "postgres/copy/copy_text.h"

namespace tidemark::postgres {
namespace {

// What stands for a byte after a backslash, and the other way round.
constexpr std::pair<char, char> kEscapes[] = {{'\\', '\\'}, {'\n', 'n'}, {'\r', 'r'}, {'\t', 't'},
                                              {'\b', 'b'},  {'\f', 'f'}, {'\v', 'v'}};

void put_value(Bytes& out, const Value& value) {
  if (!value) {
    out += "\\N";
    return;
  }
  for (const char c : *value) {
    char letter = 0;
    for (const auto& [byte, stands_for_it] : kEscapes)
      if (byte == c) letter = stands_for_it;
    if (letter != 0) out += '\\';
    out += letter != 0 ? letter : c;
  }
}

Result<Value> parse_value(ByteView field) {
  if (field == "\\N") return Value();
  std::string text;
  for (std::size_t at = 0; at < field.size(); ++at) {
    if (field[at] != '\\') {
      text += field[at];
      continue;
    }
    ++at;
    bool known = false;
    for (const auto& [byte, letter] : kEscapes)
      if (at < field.size() && field[at] == letter) {
        text += byte;
        known = true;
      }
    if (!known) return Error{ErrorKind::corrupt, "a row has an unknown backslash"};
  }
  return Value(std::move(text));
}

}  // namespace

void put_copy_row(Bytes& out, const Row& row) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (i > 0) out += '\t';
    put_value(out, row[i]);
  }
  out += '\n';
}

Result<Row> parse_copy_row(ByteView line) {
  Row row;
  for (;;) {
    const std::size_t end = std::min(line.find('\t'), line.size());
    row.push_back(TRY(parse_value(line.substr(0, end))));
    if (end == line.size()) return row;
    line.remove_prefix(end + 1);
  }
}

Status parse_copy_rows(ByteView text, const std::function<Status(const Row&)>& take) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == ByteView::npos) return Error{ErrorKind::corrupt, "the last row is cut short"};
    const Row row = TRY(parse_copy_row(text.substr(0, end)));
    TRY(take(row));
    text.remove_prefix(end + 1);
  }
  return Done{};
}

}  // namespace tidemark::postgres
