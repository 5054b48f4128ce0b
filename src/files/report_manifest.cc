#include "files/report_manifest.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/encoding.h"
#include "base/remote_text.h"
#include "crypto/hash.h"

namespace tidemark::files {
namespace {

using nlohmann::json;

constexpr std::string_view kVersion = "2016-11-30";
constexpr std::size_t kFilesMax = 100'000;
constexpr std::size_t kColumnsMax = 100;
constexpr std::size_t kMd5Digits = 32;

class ManifestReader {
 public:
  ManifestReader(const json& root, const std::string& name) : root_(root), name_(name) {}

  Error corrupt(std::string_view what) const {
    return Error{ErrorKind::corrupt, fmt::format("{}: {}", name_, what),
                 "S3 writes a new report every day or week; the bucket can be listed meanwhile: "
                 "leave inventory_report out"};
  }

  Error unsupported(std::string_view what, std::string_view mend) const {
    return Error{ErrorKind::unsupported, fmt::format("{}: {}", name_, what), std::string(mend)};
  }

  Result<std::string> text(const json& of, const char* member) const {
    const auto found = of.find(member);
    if (found == of.end() || !found->is_string())
      return corrupt(fmt::format("it has no {}", member));
    return found->get<std::string>();
  }

  Result<TimePoint> created() const {
    const std::string digits = TRY(text(root_, "creationTimestamp"));
    std::int64_t millis = 0;
    const auto [end, failure] =
        std::from_chars(digits.data(), digits.data() + digits.size(), millis);
    // Up to the year 9999.
    if (failure != std::errc{} || end != digits.data() + digits.size() || millis <= 0 ||
        millis > 253'402'300'799'000)
      return corrupt("its creationTimestamp is no time");
    return TimePoint(Millis(millis));
  }

  Result<ReportColumns> columns() const {
    const std::string schema = TRY(text(root_, "fileSchema"));
    std::vector<std::string> names;
    std::string word;
    for (const char c : schema + ",") {
      if (c == ' ') continue;
      if (c != ',') {
        word += c;
        continue;
      }
      names.push_back(std::exchange(word, ""));
      if (names.size() > kColumnsMax) return corrupt("its fileSchema has no end");
    }
    ReportColumns columns{.count = names.size()};
    const std::pair<const char*, std::size_t ReportColumns::*> wanted[] = {
        {"Bucket", &ReportColumns::bucket},
        {"Key", &ReportColumns::key},
        {"VersionId", &ReportColumns::version},
        {"IsLatest", &ReportColumns::is_latest},
        {"IsDeleteMarker", &ReportColumns::is_marker},
        {"Size", &ReportColumns::size},
        {"LastModifiedDate", &ReportColumns::modified},
        {"ETag", &ReportColumns::etag},
        {"StorageClass", &ReportColumns::storage_class}};
    for (const auto& [name, place] : wanted) {
      const auto found = std::find(names.begin(), names.end(), name);
      if (found == names.end())
        return unsupported(
            fmt::format("the report lacks the column {}", name),
            "set its configuration to all versions, with Size, LastModifiedDate, ETag and "
            "StorageClass among the optional fields");
      columns.*place = static_cast<std::size_t>(found - names.begin());
    }
    return columns;
  }

  Result<std::vector<ReportFile>> files() const {
    const auto list = root_.find("files");
    if (list == root_.end() || !list->is_array()) return corrupt("it has no list of files");
    if (list->size() > kFilesMax) return corrupt("its list of files has no end");
    std::vector<ReportFile> files;
    for (const json& one : *list) {
      if (!one.is_object()) return corrupt("a file of it cannot be read");
      ReportFile file{.key = TRY(text(one, "key"))};
      const auto size = one.find("size");
      if (size == one.end() || !size->is_number_unsigned())
        return corrupt("a file of it has no size");
      file.size = size->get<std::uint64_t>();
      const std::string checksum = TRY(text(one, "MD5checksum"));
      file.md5 = TRY(digest(checksum));
      files.push_back(std::move(file));
    }
    return files;
  }

  Result<std::string> digest(std::string_view digits) const {
    std::string bytes;
    if (digits.size() != kMd5Digits) return corrupt("a checksum in it is no MD5");
    for (std::size_t i = 0; i < digits.size(); i += 2) {
      unsigned value = 0;
      const char* const last = digits.data() + i + 2;
      const auto [end, failure] = std::from_chars(digits.data() + i, last, value, 16);
      if (failure != std::errc{} || end != last) return corrupt("a checksum in it is no MD5");
      bytes += static_cast<char>(value);
    }
    return bytes;
  }

 private:
  const json& root_;
  const std::string& name_;
};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' '))
    text.remove_suffix(1);
  return text;
}

std::string md5_of(std::string_view bytes) {
  crypto::Md5 digest;
  digest.update(bytes);
  return digest.finish();
}

}  // namespace

Result<ReportManifest> read_report_manifest(std::string_view text, std::string_view checksum,
                                            const std::string& name, const std::string& bucket) {
  const json root = json::parse(text, nullptr, false);
  const ManifestReader reader(root, name);
  if (TRY(reader.digest(trimmed(checksum))) != md5_of(text))
    return reader.corrupt("it does not have the checksum that manifest.checksum states");
  if (!root.is_object()) return reader.corrupt("it is no JSON object");
  const std::string version = TRY(reader.text(root, "version"));
  if (version != kVersion)
    return reader.unsupported(fmt::format("it is of version {}", clean_remote_text(version)),
                              "a newer Tidemark may read it; leave inventory_report out meanwhile");
  const std::string format = TRY(reader.text(root, "fileFormat"));
  if (format != "CSV")
    return reader.unsupported(
        fmt::format("the report is in the format {}", clean_remote_text(format)),
        "set the format of the inventory configuration to CSV");
  const std::string of = TRY(reader.text(root, "sourceBucket"));
  if (of != bucket)
    return Error{ErrorKind::invalid_input,
                 fmt::format("{}: the report is of the bucket {}, not of {}", name,
                             clean_remote_text(of), bucket),
                 "inventory_report is the folder of a configuration of the source's own bucket"};
  ReportManifest manifest{.created = TRY(reader.created()), .columns = {}, .files = {}};
  manifest.columns = TRY(reader.columns());
  manifest.files = TRY(reader.files());
  return manifest;
}

std::optional<TimePoint> scan_began(std::string_view manifest_key, std::string_view prefix) {
  constexpr std::string_view kEnd = "/manifest.json";
  constexpr std::size_t kFolder = 17;  // "2026-11-24T01-00Z"
  if (!manifest_key.starts_with(prefix) || !manifest_key.ends_with(kEnd)) return std::nullopt;
  if (manifest_key.size() != prefix.size() + kFolder + kEnd.size()) return std::nullopt;
  const std::string_view folder = manifest_key.substr(prefix.size(), kFolder);
  if (folder[13] != '-') return std::nullopt;
  const auto time =
      parse_time(fmt::format("{}:{}:00Z", folder.substr(0, 13), folder.substr(14, 2)));
  if (!time || !folder.ends_with('Z')) return std::nullopt;
  return *time;
}

}  // namespace tidemark::files
