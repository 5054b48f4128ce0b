#include "cli/files_report.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/encoding.h"
#include "report/json.h"

namespace tidemark::cli {
namespace {

constexpr std::size_t kWriteBytes = 64 << 10;

}  // namespace

std::string key_text(const std::string& key) {
  std::string text;
  for (const char c : key) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\\')
      text += "\\\\";
    else if (byte < 0x20 || byte == 0x7f)
      text += fmt::format("\\x{:02x}", byte);
    else
      text += c;
  }
  return text;
}

nlohmann::json file_json(const files::FileVersion& file) {
  nlohmann::json json = {
      {"key", file.key}, {"version", file.id}, {"modified", format_time(file.modified)}};
  // JSON has no bytes that are not UTF-8.
  json["key_hex"] = to_hex(file.key);
  if (file.is_marker) {
    json["delete_marker"] = true;
    return json;
  }
  json["size"] = file.size;
  json["etag"] = file.etag;
  json["storage_class"] = file.storage_class;
  return json;
}

Status FileLines::add(const files::FileVersion& file, const std::string& act) {
  if (context_.global.json) {
    auto document = report::document(kind_);
    document.update(file_json(file));
    if (!act.empty()) document["act"] = act;
    waiting_ += report::json_line(document);
  } else {
    waiting_ += fmt::format("{}{}{}  {:>12}  {}  {}\n", act, act.empty() ? "" : "  ",
                            format_time(file.modified), file.size, file.id, key_text(file.key));
  }
  return waiting_.size() < kWriteBytes ? Done{} : finish();
}

Status FileLines::finish() {
  if (waiting_.empty()) return Done{};
  TRY(context_.print(waiting_));
  waiting_.clear();
  return Done{};
}

}  // namespace tidemark::cli
