// S3Client: the objects of one bucket, of AWS or of another maker of S3.
//
// One attempt a call, so that whoever wraps it decides on retries; only what makes an attempt valid
// at all is mended here: an expired session, a wrong clock, the wrong region.
//
// Bodies are covered by the signature and by x-amz-checksum-sha256, which S3 keeps with the object
// and gives back; what comes back is checked against it where it is given. Objects above a size go
// up in parts, and a part is the most that is copied. A listing is all of it, or an error.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "aws/s3/bucket.h"
#include "aws/s3/listing.h"
#include "aws/wire/signed_sender.h"
#include "base/bytes.h"
#include "net/url.h"

namespace tidemark::aws {

enum class PutCondition {
  none,
  if_absent,  // If-None-Match: *
};

struct S3Range {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

struct S3Limits {
  std::size_t single_put_bytes_max = 32u << 20;  // a larger object goes up in parts
  std::size_t part_bytes = 16u << 20;            // S3 takes 5 MiB to 5 GiB, and 10,000 parts
  std::size_t object_bytes_max = 1u << 30;       // that get() will hold in memory
  int page_entries_max = 1000;                   // of a listing; S3 gives at most 1000
};

// Thread-safe, when what it borrows is.
class S3Client {
 public:
  // Sends nothing. Fails with invalid_input on a malformed location.
  static Result<std::unique_ptr<S3Client>> open(BucketLocation location, SenderParts parts,
                                                S3Limits limits = {},
                                                AttemptObserver observe = log_attempt);

  // Fails with already_exists when it was to be absent. Not every maker's store heeds that for an
  // object in parts; it is therefore looked for first as well.
  Status put(std::string_view key, ByteView body, PutCondition condition);

  // Fails with not_found, with corrupt when the object ends before the range does or contradicts
  // its checksum, and with exhausted when it is larger than the limit.
  Result<Bytes> get(std::string_view key, std::optional<S3Range> range = {});

  Result<S3Object> head(std::string_view key);

  // Succeeds when it is missing. In a bucket with versions it only adds a delete marker.
  Status remove(std::string_view key);

  // Calls visit once for each object in the order of keys, and stops at its first error.
  Status for_each_object(const std::string& prefix,
                         const std::function<Status(const S3Object&)>& visit);

  // Ends uploads in parts that were begun before that moment, by the service's clock, and never
  // ended: they cost space and are seen in no listing. How many.
  Result<std::size_t> abort_abandoned(const std::string& prefix, TimePoint begun_before);

  const BucketLocation& location() const { return location_; }

 private:
  struct Call {
    std::string_view name;
    std::string_view method;
    std::string_view key;
    net::Fields query = {};
    net::Headers headers = {};
    ByteView body = {};
    std::size_t response_bytes_max = 0;  // 0: as usual
    bool send_once = false;
  };
  struct Upload;
  using Reader = SignedSender::Reader;

  S3Client(BucketLocation location, SenderParts parts, S3Limits limits, AttemptObserver observe);

  std::string region() const;
  Result<net::HttpRequest> request_for(const Call& call) const;
  Status send(const Call& call, const Reader& read);
  Status send_once(const Call& call, const Reader& read, std::optional<std::string>& moved_to);
  Result<XmlDocument> send_for_xml(const Call& call);

  Status put_whole(std::string_view key, ByteView body, PutCondition condition);
  Status put_in_parts(std::string_view key, ByteView body, PutCondition condition);
  Result<std::string> begin_upload(std::string_view key);
  Status put_parts(Upload& upload, ByteView body);
  Status complete_upload(const Upload& upload, PutCondition condition);
  Status abort_upload(std::string_view key, const std::string& id);
  Error why_missing(std::string_view key, Error error);

  const BucketLocation location_;
  const S3Limits limits_;
  mutable std::mutex mutex_;
  std::string region_;  // changes when S3 says that the bucket is elsewhere
  SignedSender sender_;
};

}  // namespace tidemark::aws
