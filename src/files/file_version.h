// FileVersion: one version of a file in a bucket, or a marker that it was deleted.
#pragma once

#include <cstdint>
#include <string>

#include "base/time.h"

namespace tidemark::files {

struct FileVersion {
  std::string key;  // any bytes
  std::string id;   // "null" for what was stored while versioning was off
  bool is_marker = false;
  bool is_latest = false;
  std::uint64_t size = 0;
  TimePoint modified;  // whole seconds
  std::string etag;    // without quotes
  std::string storage_class;

  friend bool operator==(const FileVersion&, const FileVersion&) = default;
};

// Whether the two have the same content, as far as S3 tells without reading them. An ETag is the
// MD5 of the bytes, or of the MD5s of the parts that it came in; encrypted by a key of KMS it is
// neither, and never equal.
inline bool same_content(const FileVersion& one, const FileVersion& other) {
  return !one.is_marker && !other.is_marker && one.size == other.size && one.etag == other.etag &&
         !one.etag.empty();
}

// Of any other class the bytes are at hand.
inline bool may_be_cold(const FileVersion& version) {
  return version.storage_class == "GLACIER" || version.storage_class == "DEEP_ARCHIVE" ||
         version.storage_class == "INTELLIGENT_TIERING";
}

}  // namespace tidemark::files
