// S3Store: objects under a prefix of a bucket.
//
// One attempt a call (aws/s3/s3_client.h): put a RetryingStore around it. Objects under the prefix
// whose names are no keys are not ours and are left alone.
#pragma once

#include <memory>
#include <string>

#include "aws/s3/s3_client.h"
#include "storage/object_store.h"

namespace tidemark::storage {

// A prefix has the grammar of a key, but upper-case letters too; or is empty, for all of the
// bucket. Fails with invalid_input.
Status check_s3_prefix(std::string_view prefix);

class S3Store final : public ObjectStore {
 public:
  // The prefix has passed check_s3_prefix().
  S3Store(std::unique_ptr<aws::S3Client> client, std::string prefix);

  Status put(std::string_view key, ByteView body, PutMode mode) override;
  Result<Bytes> get(std::string_view key, std::optional<ByteRange> range = {}) override;
  Result<ObjectInfo> stat(std::string_view key) override;
  Status remove(std::string_view key) override;
  Status list(std::string_view prefix,
              const std::function<Status(const ObjectInfo&)>& visit) override;
  std::string describe() const override;

  // Ends uploads of ours that were begun before that moment and never ended. How many. Safe beside
  // a running upload that began later.
  Result<std::size_t> abort_abandoned(TimePoint begun_before) override;

 private:
  std::string full(std::string_view key) const { return folder_ + std::string(key); }

  const std::unique_ptr<aws::S3Client> client_;
  const std::string folder_;  // empty, or the prefix and a slash
};

}  // namespace tidemark::storage
