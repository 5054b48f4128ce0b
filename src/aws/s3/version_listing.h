// One page of a listing of all versions of a bucket, checked: what a page leaves out unnoticed
// would be a file that nobody restores.
//
// S3 lists keys in the order of their bytes, and of each key what was stored last first. A page may
// end within a key, and may hold nothing but delete markers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "aws/wire/xml.h"
#include "base/result.h"
#include "base/time.h"

namespace tidemark::aws {

// One version of an object, or a marker that it was deleted.
struct S3Version {
  std::string key;
  std::string id;  // "null" for what was stored while versioning was off
  bool is_marker = false;
  bool is_latest = false;
  std::uint64_t size = 0;  // of a marker: 0, and the rest is empty
  TimePoint modified;
  std::string etag;  // as it stands there, with its quotes
  std::string storage_class;
};

struct VersionPage {
  std::vector<S3Version> versions;
  std::string next_key;  // empty exactly when there are no more pages
  std::string next_id;   // empty: the next page begins after all of next_key
};

// The answer of ListObjectVersions. Some makers list the markers of a page behind its versions;
// they are put in their places. Fails with corrupt when it does not say whether there is more, when
// it says so without a way to get it, when a key does not begin with the prefix or comes before
// previous, the last key of the page before (or empty), or when the latest version of a key is not
// its first.
Result<VersionPage> read_version_page(const XmlNode& root, const std::string& prefix,
                                      const std::string& previous);

}  // namespace tidemark::aws
