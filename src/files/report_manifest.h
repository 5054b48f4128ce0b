// The manifest of a report of S3 Inventory: which files it consists of, and of what they are.
//
// S3 user guide, "Inventory manifest". Pure. Only what the rest relies on is read; what a report
// cannot be used without is refused by its name, with the setting that mends it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace tidemark::files {

struct ReportFile {
  std::string key;  // in the bucket of the report
  std::uint64_t size = 0;
  std::string md5;  // 16 bytes
};

// The places of the columns that are read.
struct ReportColumns {
  std::size_t count = 0;
  std::size_t bucket = 0, key = 0, version = 0, is_latest = 0, is_marker = 0, size = 0,
              modified = 0, etag = 0, storage_class = 0;
};

struct ReportManifest {
  TimePoint created;
  ReportColumns columns;
  std::vector<ReportFile> files;
};

// name: of the manifest, for messages. checksum: the content of manifest.checksum. Fails with
// corrupt, with unsupported when the report is of another format or of the newest versions alone,
// and with invalid_input when it is of another bucket.
Result<ReportManifest> read_report_manifest(std::string_view text, std::string_view checksum,
                                            const std::string& name, const std::string& bucket);

// The moment when the scan began, which the folder of a manifest is named by:
// ".../2026-11-24T01-00Z/manifest.json". nullopt: it is no such name.
std::optional<TimePoint> scan_began(std::string_view manifest_key, std::string_view prefix);

}  // namespace tidemark::files
