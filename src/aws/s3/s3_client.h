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
#include "aws/s3/object_version.h"
#include "aws/s3/version_listing.h"
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

  Result<Versioning> versioning();

  // A page of all versions under the prefix: the first one, or the one after `before`. previous_key
  // is the last key of the pages before. entries_max: 0: as many as S3 gives.
  Result<VersionPage> version_page(const std::string& prefix, const VersionPage& before,
                                   const std::string& previous_key, int entries_max = 0);

  // part: the size is that of this part, counted from 1; 0: of the whole.
  Result<VersionFacts> head_version(std::string_view key, std::string_view id, int part = 0);

  // Fails as get() does. The range is not empty.
  Result<Bytes> get_version(std::string_view key, std::string_view id, const S3Range& range);

  // Makes the version the newest one, by a copy within S3 that keeps its metadata, tags, storage
  // class and encryption. S3 refuses what is larger than 5 GB; that is copied in parts. condition:
  // If-Match or If-None-Match, which the key has to meet; also below.
  Result<CopiedVersion> copy_version(std::string_view key, const VersionFacts& from,
                                     const net::Headers& condition = {});

  // The same in parts. An upload that is not completed is to be aborted.
  Result<std::string> begin_copy(std::string_view key, const VersionFacts& from,
                                 const net::Fields& tags);
  Result<std::string> copy_part(std::string_view key, const std::string& upload, int number,
                                std::string_view from, const S3Range& range);
  Result<CopiedVersion> complete_copy(std::string_view key, const std::string& upload,
                                      const std::vector<std::string>& part_etags,
                                      const net::Headers& condition = {});
  Status abort_upload(std::string_view key, const std::string& id);

  // Where versioning is on, an object is gone then and all its versions are there still. Where it
  // is not, this destroys: ask versioning() first. The marker's id.
  Result<std::string> add_delete_marker(std::string_view key, const net::Headers& condition = {});

  Result<net::Fields> tags(std::string_view key, std::string_view id);

  // Asks for a copy that can be read, for so many days, of a version in an archive class; or, with
  // none, that a version in an archive tier of INTELLIGENT_TIERING leaves it. Succeeds when it was
  // asked for before.
  Status thaw(std::string_view key, std::string_view id, std::optional<int> days,
              std::string_view tier);

  const BucketLocation& location() const { return location_; }
  // See SignedSender.
  std::optional<Millis> clock_skew() const { return sender_.clock_skew(); }

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
    std::uint64_t copied_bytes = 0;  // within S3
  };
  struct Upload;
  using Reader = SignedSender::Reader;

  S3Client(BucketLocation location, SenderParts parts, S3Limits limits, AttemptObserver observe);

  std::string region() const;
  Result<net::HttpRequest> request_for(const Call& call) const;
  Status send(const Call& call, const Reader& read);
  Status send_once(const Call& call, const Reader& read, std::optional<std::string>& moved_to);
  using Look = std::function<void(const net::HttpResponse&)>;
  // look: at the answer's headers.
  Result<XmlDocument> send_for_xml(const Call& call, const Look& look = {});
  Result<Bytes> get_range(std::string_view key, const S3Range& range, net::Fields query);

  Status put_whole(std::string_view key, ByteView body, PutCondition condition);
  Status put_in_parts(std::string_view key, ByteView body, PutCondition condition);
  Result<std::string> begin_upload(std::string_view key);
  Status put_parts(Upload& upload, ByteView body);
  Status complete_upload(const Upload& upload, PutCondition condition);
  Error why_missing(std::string_view key, Error error);

  const BucketLocation location_;
  const S3Limits limits_;
  mutable std::mutex mutex_;
  std::string region_;  // changes when S3 says that the bucket is elsewhere
  SignedSender sender_;
};

}  // namespace tidemark::aws
