// Bucket: the door to the bucket whose files are protected. Nothing behind it can destroy a
// version.
//
// Versions are given by key in the order of bytes, those of a key from the newest to the oldest,
// in the order in which they were stored: the listing decides, not their times of whole seconds.
// Every implementation makes what may pass by itself pass: a failure is final. Thread-safe.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "files/file_version.h"

namespace tidemark::files {

// What is asked of a version before it is copied or read.
struct VersionState {
  bool is_cold = false;           // in an archive class, so that its bytes cannot be read now
  bool is_thawing = false;        // was asked for, and is on its way
  bool etag_is_of_bytes = false;  // the ETag is the MD5 of the bytes
  bool etag_is_of_parts = false;  // it is made of the MD5s of the parts that it came in
  // Their lengths, in their order; empty: nobody asked, or the service does not tell.
  std::vector<std::uint64_t> parts = {};
  std::string sha256;  // in Base64, of all bytes; empty: S3 has none

  // Whether any of it tells more of the bytes than their number.
  bool is_provable() const { return etag_is_of_bytes || !parts.empty() || !sha256.empty(); }
};

struct ThawRequest {
  int days = 7;  // that the thawed copy stays
  std::string tier = "Standard";
};

class Bucket {
 public:
  using Visit = std::function<Status(const FileVersion&)>;

  virtual ~Bucket() = default;

  // "s3://bucket"
  virtual std::string describe() const = 0;

  // Fails with unsafe unless versioning is on: what is stored now would replace versions.
  virtual Status check_versioned() = 0;

  // The service's time, which the times of versions are of.
  virtual Result<TimePoint> now() = 0;

  // All versions and markers under the prefix. Stops at the first error of visit.
  virtual Status for_each_version(const std::string& prefix, const Visit& visit) = 0;

  // All but the parts.
  virtual Result<VersionState> look_at(const FileVersion& version) = 0;

  // The lengths of the parts that it came in, in their order; empty: it did not, or the service
  // does not tell. A request for each.
  virtual Result<std::vector<std::uint64_t>> part_sizes(const FileVersion& version) = 0;

  // Both look at the key right before they act, and do nothing when its newest version is another
  // by now than the one with the id `over` (empty: there is none): then nullopt. Else the id of
  // what is the newest.
  using Placed = std::optional<std::string>;

  // Makes the version the newest of its key, alike in all.
  virtual Result<Placed> copy_to_top(const FileVersion& version, const std::string& over) = 0;
  virtual Result<Placed> add_marker(const std::string& key, const std::string& over) = 0;

  // Gives all bytes of the version, in order.
  virtual Status read(const FileVersion& version, const std::function<Status(ByteView)>& sink) = 0;

  virtual Status thaw(const FileVersion& version, const ThawRequest& request) = 0;
};

}  // namespace tidemark::files
