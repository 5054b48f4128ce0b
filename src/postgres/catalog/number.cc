#include "postgres/catalog/number.h"

#include <charconv>

#include <fmt/format.h>

#include "base/remote_text.h"

namespace tidemark::postgres {

Result<std::int64_t> number_in(const Value& value) {
  if (!value) return Error{ErrorKind::corrupt, "the server gave nothing where there is a number"};
  std::int64_t number = 0;
  const char* const end = value->data() + value->size();
  const auto [stop, problem] = std::from_chars(value->data(), end, number);
  if (problem != std::errc() || stop != end)
    return Error{ErrorKind::corrupt, fmt::format("the server gave '{}' where there is a number",
                                                 clean_remote_text(*value, 40))};
  return number;
}

Result<std::string> text_in(const Value& value) {
  if (!value) return Error{ErrorKind::corrupt, "the server gave nothing where there is a text"};
  return *value;
}

}  // namespace tidemark::postgres
