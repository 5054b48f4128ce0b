#include "files/s3_report_store.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/remote_text.h"

namespace tidemark::files {
namespace {

constexpr std::uint64_t kReadBytes = std::uint64_t{8} << 20;  // at a time

Error of_another_size() {
  return Error{ErrorKind::corrupt, "it is not of the size that the manifest states"};
}

}  // namespace

template <class Attempt>
auto S3ReportStore::retry(const std::string& key, Attempt attempt) -> decltype(attempt()) {
  Retry retry(policy_, budget_, jitter_, clock_);
  for (;;) {
    auto outcome = attempt();
    if (outcome) {
      retry.succeeded();
      return outcome;
    }
    const Status again = retry.wait_after(outcome.error(), std::nullopt);
    if (!again)
      return in_context(fmt::format("{}/{}", describe(), clean_remote_text(key)), again.error());
  }
}

std::string S3ReportStore::describe() const {
  return fmt::format("s3://{}", client_->location().bucket);
}

Status S3ReportStore::for_each_key(const std::string& prefix,
                                   const std::function<Status(const std::string&)>& visit) {
  std::vector<std::string> keys;  // a listing that broke off is made anew
  TRY(retry(prefix, [&] {
    keys.clear();
    return client_->for_each_object(prefix, [&](const aws::S3Object& object) -> Status {
      if (object.key.find("/manifest.") != std::string::npos) keys.push_back(object.key);
      return Done{};
    });
  }));
  for (const std::string& key : keys) TRY(visit(key));
  return Done{};
}

Result<Bytes> S3ReportStore::get(const std::string& key, std::size_t bytes_max) {
  const aws::S3Object object = TRY(retry(key, [&] { return client_->head(key); }));
  if (object.size > bytes_max)
    return Error{ErrorKind::exhausted, fmt::format("{}/{} is larger than such an object can be",
                                                   describe(), clean_remote_text(key))};
  return retry(key, [&] { return client_->get(key); });
}

Status S3ReportStore::read(const std::string& key, std::uint64_t size,
                           const std::function<Status(ByteView)>& sink) {
  if (TRY(retry(key, [&] { return client_->head(key); })).size != size) return of_another_size();
  for (std::uint64_t at = 0; at < size; at += kReadBytes) {
    const aws::S3Range range{at, std::min(kReadBytes, size - at)};
    const Bytes bytes = TRY(retry(key, [&] { return client_->get(key, range); }));
    if (bytes.size() != range.length) return of_another_size();
    TRY(sink(bytes));
  }
  return Done{};
}

}  // namespace tidemark::files
