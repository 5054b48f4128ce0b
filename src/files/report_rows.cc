#include "files/report_rows.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "net/url.h"

namespace tidemark::files {
namespace {

constexpr std::size_t kRowBytesMax = 65'536;
constexpr std::size_t kKeyBytesMax = 1'024;  // S3 user guide, "Naming Amazon S3 objects"

std::optional<bool> truth(std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  return std::nullopt;
}

}  // namespace

Error ReportRows::corrupt(std::string_view what) const {
  return Error{ErrorKind::corrupt, fmt::format("row {} {}", row_, what)};
}

Status ReportRows::add(ByteView bytes) {
  for (const char c : bytes) TRY(take(c));
  return Done{};
}

Status ReportRows::take(char c) {
  if (++row_bytes_ > kRowBytesMax) return corrupt("has no end");
  switch (in_) {
    case In::row_start:
      if (c == '\n' || c == '\r') return Done{};  // an empty line
      fields_.clear();
      [[fallthrough]];
    case In::field_start:
      fields_.emplace_back();
      in_ = c == '"' ? In::quoted : In::plain;
      if (c == '"') return Done{};
      break;
    case In::quoted:
      if (c == '"')
        in_ = In::after_quote;
      else
        fields_.back() += c;
      return Done{};
    case In::after_quote:
      if (c == '"') {
        fields_.back() += c;
        in_ = In::quoted;
        return Done{};
      }
      if (c != ',' && c != '\n' && c != '\r') return corrupt("goes on behind a closing quote");
      in_ = In::plain;
      break;
    case In::plain: break;
  }
  if (c == ',')
    in_ = In::field_start;
  else if (c == '\n')
    return end_row();
  else if (c == '"')
    return corrupt("has a quote within a field");
  else if (c != '\r')
    fields_.back() += c;
  return Done{};
}

Status ReportRows::end_row() {
  FileVersion version = TRY(read_row());
  TRY(emit_(std::move(version)));
  in_ = In::row_start;
  row_bytes_ = 0;
  ++row_;
  return Done{};
}

Result<FileVersion> ReportRows::read_row() const {
  if (fields_.size() != columns_.count)
    return corrupt(
        fmt::format("has {} fields where the manifest names {}", fields_.size(), columns_.count));
  if (fields_[columns_.bucket] != bucket_) return corrupt("is of another bucket");
  std::string key = fields_[columns_.key];
  std::replace(key.begin(), key.end(), '+', ' ');
  const auto decoded = net::percent_decode(key);
  if (!decoded || decoded->empty() || decoded->size() > kKeyBytesMax)
    return corrupt("has no key that could be one");
  const auto latest = truth(fields_[columns_.is_latest]);
  const auto marker = truth(fields_[columns_.is_marker]);
  const auto modified = parse_time(fields_[columns_.modified]);
  if (!latest || !marker) return corrupt("does not say whether it is a marker and the latest");
  if (!modified) return corrupt("has no time");
  FileVersion version{.key = *decoded,
                      .id = fields_[columns_.version],
                      .is_marker = *marker,
                      .is_latest = *latest,
                      .modified = std::chrono::floor<Seconds>(*modified)};
  if (version.id.empty()) version.id = "null";
  if (version.is_marker) return version;
  const std::string& size = fields_[columns_.size];
  const auto [end, failure] = std::from_chars(size.data(), size.data() + size.size(), version.size);
  if (failure != std::errc{} || end != size.data() + size.size()) return corrupt("has no size");
  version.etag = fields_[columns_.etag];
  version.storage_class = fields_[columns_.storage_class];
  if (version.storage_class.empty()) version.storage_class = "STANDARD";
  return version;
}

Status ReportRows::finish() {
  if (in_ == In::row_start) return Done{};
  if (in_ == In::quoted) return corrupt("is cut off");
  return end_row();  // the last line may lack its end
}

}  // namespace tidemark::files
