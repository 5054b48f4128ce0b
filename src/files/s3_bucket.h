// S3Bucket: a bucket of S3, with retries.
#pragma once

#include <memory>

#include "aws/s3/s3_client.h"
#include "base/retry.h"
#include "files/bucket.h"

namespace tidemark::files {

struct S3BucketOptions {
  // A file that was not stored in parts is copied at once up to this size, which is S3's limit.
  std::uint64_t copy_bytes_max = std::uint64_t{5} << 30;
  std::uint64_t part_bytes = std::uint64_t{1} << 30;  // of the copy of a larger one
  std::uint64_t read_bytes = std::uint64_t{8} << 20;  // at a time
  RetryPolicy retry{.attempts_max = 8, .deadline = std::chrono::hours(1)};
};

class S3Bucket final : public Bucket {
 public:
  // Borrows the clock.
  S3Bucket(std::unique_ptr<aws::S3Client> client, Clock& clock, std::uint64_t jitter_seed,
           S3BucketOptions options = {});

  std::string describe() const override;
  Status check_versioned() override;
  Result<TimePoint> now() override;
  Status for_each_version(const std::string& prefix, const Visit& visit) override;
  Result<VersionState> look_at(const FileVersion& version) override;
  Result<std::vector<std::uint64_t>> part_sizes(const FileVersion& version) override;
  Result<Placed> copy_to_top(const FileVersion& version, const std::string& over) override;
  Result<Placed> add_marker(const std::string& key, const std::string& over) override;
  Status read(const FileVersion& version, const std::function<Status(ByteView)>& sink) override;
  Status thaw(const FileVersion& version, const ThawRequest& request) override;

 private:
  // Calls attempt until it succeeds or fails for good, and says of which key it was.
  template <class Attempt>
  auto retry(const std::string& key, Attempt attempt) -> decltype(attempt());

  Result<std::vector<std::uint64_t>> copied_parts(const FileVersion& version);
  Result<Placed> copy_in_parts(const FileVersion& version, const std::string& over,
                               const aws::VersionFacts& facts,
                               const std::vector<std::uint64_t>& sizes);
  Result<std::optional<FileVersion>> newest_of(const std::string& key);
  using Act = std::function<Result<std::string>(const net::Headers& condition)>;
  // Calls act when `over` is the newest still, anew before each attempt.
  Result<Placed> place(const std::string& key, const std::string& over,
                       const std::function<bool(const FileVersion&)>& is_wanted, const Act& act);

  const std::unique_ptr<aws::S3Client> client_;
  Clock& clock_;
  const S3BucketOptions options_;
  RetryBudget budget_;
  Jitter jitter_;
};

}  // namespace tidemark::files
