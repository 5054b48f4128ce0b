// One page of a listing of S3, checked: what a page leaves out unnoticed would be lost data.
//
// Keys come percent-encoded (encoding-type=url), since XML cannot carry every byte of a key.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "aws/wire/xml.h"
#include "base/result.h"
#include "base/time.h"

namespace tidemark::aws {

struct S3Object {
  std::string key;
  std::uint64_t size = 0;
  TimePoint modified;
  std::string etag;  // as it stands there, with its quotes
};

struct ObjectPage {
  std::vector<S3Object> objects;
  std::string next_token;  // empty exactly when there are no more pages
};

// The answer of ListObjectsV2. Fails with corrupt when it does not say whether there is more, when
// it says so without a way to get it, when its number of keys is not the number it states, or when
// a key does not begin with the prefix or does not follow the one before it; previous is the last
// key of the page before, or empty.
Result<ObjectPage> read_object_page(const XmlNode& root, const std::string& prefix,
                                    std::string previous);

struct S3Upload {
  std::string key;
  std::string id;
  TimePoint initiated;
};

struct UploadPage {
  std::vector<S3Upload> uploads;
  std::string next_key;  // both empty exactly when there are no more pages
  std::string next_id;
};

// The answer of ListMultipartUploads. Fails with corrupt.
Result<UploadPage> read_upload_page(const XmlNode& root, const std::string& prefix);

}  // namespace tidemark::aws
