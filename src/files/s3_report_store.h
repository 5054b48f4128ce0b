// S3ReportStore: the bucket that reports of S3 Inventory lie in, with retries.
#pragma once

#include "aws/s3/s3_client.h"
#include "base/retry.h"
#include "files/inventory_report.h"

namespace tidemark::files {

class S3ReportStore final : public ReportStore {
 public:
  // Borrows the clock.
  S3ReportStore(std::unique_ptr<aws::S3Client> client, Clock& clock, std::uint64_t jitter_seed)
      : client_(std::move(client)), clock_(clock), jitter_(jitter_seed) {}

  std::string describe() const override;
  Status for_each_key(const std::string& prefix,
                      const std::function<Status(const std::string&)>& visit) override;
  Result<Bytes> get(const std::string& key, std::size_t bytes_max) override;
  Status read(const std::string& key, std::uint64_t size,
              const std::function<Status(ByteView)>& sink) override;

 private:
  // Calls attempt until it succeeds or fails for good, and says of which key it was.
  template <class Attempt>
  auto retry(const std::string& key, Attempt attempt) -> decltype(attempt());

  const std::unique_ptr<aws::S3Client> client_;
  Clock& clock_;
  const RetryPolicy policy_{.attempts_max = 8, .deadline = std::chrono::hours(1)};
  RetryBudget budget_;
  Jitter jitter_;
};

}  // namespace tidemark::files
