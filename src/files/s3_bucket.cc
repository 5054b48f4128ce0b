#include "files/s3_bucket.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/log.h"
#include "base/remote_text.h"

namespace tidemark::files {
namespace {

constexpr std::size_t kPagesMax = 10'000'000;  // of a thousand versions each
constexpr std::uint64_t kPartsMax = 10'000;
constexpr std::size_t kEmptyPagesMax = 100;
constexpr std::size_t kMd5Digits = 32;

std::string unquoted(const std::string& etag) {
  const bool quoted = etag.size() >= 2 && etag.front() == '"' && etag.back() == '"';
  return quoted ? etag.substr(1, etag.size() - 2) : etag;
}

FileVersion as_file(aws::S3Version version) {
  return {.key = std::move(version.key),
          .id = std::move(version.id),
          .is_marker = version.is_marker,
          .is_latest = version.is_latest,
          .size = version.size,
          .modified = std::chrono::floor<Seconds>(version.modified),
          .etag = unquoted(version.etag),
          .storage_class = version.storage_class.empty() && !version.is_marker
                               ? "STANDARD"
                               : std::move(version.storage_class)};
}

bool is_archive_class(const std::string& storage_class) {
  return storage_class == "GLACIER" || storage_class == "DEEP_ARCHIVE";
}

std::vector<std::uint64_t> equal_parts(std::uint64_t size, std::uint64_t part) {
  std::vector<std::uint64_t> parts;
  for (std::uint64_t left = size; left > 0; left -= parts.back())
    parts.push_back(std::min(part, left));
  return parts;
}

// Other makers' ETags may be anything.
bool is_md5(std::string_view etag) {
  return etag.size() == kMd5Digits && std::all_of(etag.begin(), etag.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

// An MD5 and "-3" is the ETag of an object that came in three parts. 0: it did not.
std::uint64_t parts_in(std::string_view etag) {
  const std::size_t dash = etag.find('-');
  if (dash == std::string_view::npos || !is_md5(etag.substr(0, dash))) return 0;
  const std::string_view digits = etag.substr(dash + 1);
  const char* const end = digits.data() + digits.size();
  std::uint64_t count = 0;
  const auto [stopped_at, failure] = std::from_chars(digits.data(), end, count);
  return failure == std::errc{} && stopped_at == end && count <= kPartsMax ? count : 0;
}

// What S3 holds the key to at the moment itself, and not only at the look before it: that what is
// there is what was seen, by its ETag, or that nothing is there but a marker.
net::Headers condition_of(const std::optional<FileVersion>& newest) {
  if (!newest || newest->is_marker) return {{"If-None-Match", "*"}};
  if (newest->etag.empty()) return {};
  return {{"If-Match", fmt::format("\"{}\"", newest->etag)}};
}

bool is_refused_condition(const Error& error) {
  return error.code == "PreconditionFailed" || error.code == "NotImplemented";
}

}  // namespace

S3Bucket::S3Bucket(std::unique_ptr<aws::S3Client> client, Clock& clock, std::uint64_t jitter_seed,
                   S3BucketOptions options)
    : client_(std::move(client)), clock_(clock), options_(options), jitter_(jitter_seed) {}

template <class Attempt>
auto S3Bucket::retry(const std::string& key, Attempt attempt) -> decltype(attempt()) {
  Retry retry(options_.retry, budget_, jitter_, clock_);
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

std::string S3Bucket::describe() const {
  return fmt::format("s3://{}", client_->location().bucket);
}

Status S3Bucket::check_versioned() {
  const aws::Versioning versioning = TRY(retry("", [&] { return client_->versioning(); }));
  if (versioning == aws::Versioning::enabled) return Done{};
  return Error{ErrorKind::unsafe,
               fmt::format("versioning of {} is {}", describe(),
                           versioning == aws::Versioning::off ? "off" : "suspended"),
               "turn it on, so that what is stored keeps what was there: aws s3api "
               "put-bucket-versioning --bucket NAME --versioning-configuration Status=Enabled"};
}

Result<TimePoint> S3Bucket::now() {
  TRY(retry("", [&] { return client_->versioning(); }));
  return clock_.now() + client_->clock_skew().value_or(Millis{0});
}

Status S3Bucket::for_each_version(const std::string& prefix, const Visit& visit) {
  aws::VersionPage page;
  std::string previous;
  for (std::size_t count = 0; count < kPagesMax; ++count) {
    // Only this page anew when it breaks off: there may be thousands before it.
    aws::VersionPage next =
        TRY(retry(prefix, [&] { return client_->version_page(prefix, page, previous); }));
    if (!next.next_key.empty() && next.next_key == page.next_key && next.next_id == page.next_id)
      return Error{ErrorKind::corrupt,
                   fmt::format("the listing of {} goes in circles", describe())};
    page = std::move(next);
    for (aws::S3Version& version : page.versions) {
      previous = version.key;
      TRY(visit(as_file(std::move(version))));
    }
    if (page.next_key.empty()) return Done{};
  }
  return Error{ErrorKind::corrupt, fmt::format("the listing of {} has no end", describe())};
}

Result<VersionState> S3Bucket::look_at(const FileVersion& version) {
  const aws::VersionFacts facts =
      TRY(retry(version.key, [&] { return client_->head_version(version.key, version.id); }));
  const bool archived = is_archive_class(facts.storage_class) || facts.in_archive_tier;
  const bool by_content = !facts.encrypted_by_key();
  return VersionState{.is_cold = archived && facts.thawing != aws::Thawing::done,
                      .is_thawing = facts.thawing == aws::Thawing::under_way,
                      .etag_is_of_bytes = by_content && is_md5(version.etag),
                      .etag_is_of_parts = by_content && parts_in(version.etag) > 0,
                      .sha256 = facts.checksum};
}

// Most uploads have parts of one length, but nothing of S3 makes them so.
Result<std::vector<std::uint64_t>> S3Bucket::part_sizes(const FileVersion& version) {
  const std::uint64_t count = parts_in(version.etag);
  std::vector<std::uint64_t> sizes;
  std::uint64_t left = version.size;
  for (int part = 1; sizes.size() < count; ++part) {
    // The last one is what is left; but the first one is asked for whether parts are told at all.
    const bool is_left = part > 1 && sizes.size() + 1 == count;
    std::uint64_t size = left;
    if (!is_left) {
      const aws::VersionFacts facts = TRY(
          retry(version.key, [&] { return client_->head_version(version.key, version.id, part); }));
      if (facts.part_count != count || facts.size > left) return std::vector<std::uint64_t>();
      size = facts.size;
    }
    sizes.push_back(size);
    left -= size;
  }
  return left == 0 ? sizes : std::vector<std::uint64_t>();
}

// The copy has its parts where the original has them, so that the two have the same ETag, by which
// anybody can see that they are alike. Empty: to be copied at once.
Result<std::vector<std::uint64_t>> S3Bucket::copied_parts(const FileVersion& version) {
  std::vector<std::uint64_t> sizes = TRY(part_sizes(version));
  std::erase(sizes, std::uint64_t{0});  // which no range can name
  if (!sizes.empty() || version.size <= options_.copy_bytes_max) return sizes;
  return equal_parts(version.size, std::max(options_.part_bytes, version.size / kPartsMax + 1));
}

// By a listing of one entry rather than a HEAD, which needs further rights to tell a marker from a
// refusal, and which not every maker's store answers with the id of a "null" version.
Result<std::optional<FileVersion>> S3Bucket::newest_of(const std::string& key) {
  aws::VersionPage page;
  for (std::size_t count = 0; count < kEmptyPagesMax; ++count) {
    aws::VersionPage next = TRY(client_->version_page(key, page, "", 1));
    page = std::move(next);
    if (page.versions.empty() && !page.next_key.empty()) continue;
    // Of all keys that begin so, the key itself is the first.
    if (page.versions.empty() || page.versions.front().key != key) break;
    return std::optional(as_file(std::move(page.versions.front())));
  }
  return std::optional<FileVersion>();
}

Result<Bucket::Placed> S3Bucket::place(const std::string& key, const std::string& over,
                                       const std::function<bool(const FileVersion&)>& is_wanted,
                                       const Act& act) {
  const auto attempt = [&](bool with_condition) -> Result<Placed> {
    const std::optional<FileVersion> newest = TRY(newest_of(key));
    if ((newest ? newest->id : "") == over)
      return Placed(TRY(act(with_condition ? condition_of(newest) : net::Headers())));
    // What is wanted may also be what an attempt of ours did whose answer did not arrive.
    return newest && is_wanted(*newest) ? Placed(newest->id) : Placed();
  };
  return retry(key, [&]() -> Result<Placed> {
    auto placed = attempt(true);
    // Something came between, as another look shows; or the store takes the condition for another
    // one, or knows none.
    if (!placed && is_refused_condition(placed.error())) placed = attempt(false);
    return placed;
  });
}

Result<Bucket::Placed> S3Bucket::copy_to_top(const FileVersion& version, const std::string& over) {
  const aws::VersionFacts facts =
      TRY(retry(version.key, [&] { return client_->head_version(version.key, version.id); }));
  const std::vector<std::uint64_t> sizes = TRY(copied_parts(version));
  if (!sizes.empty()) return copy_in_parts(version, over, facts, sizes);
  return place(
      version.key, over, [&](const FileVersion& newest) { return same_content(newest, version); },
      [&](const net::Headers& condition) -> Result<std::string> {
        return TRY(client_->copy_version(version.key, facts, condition)).id;
      });
}

// The look comes after the parts, which may take minutes: only the completion makes a version.
Result<Bucket::Placed> S3Bucket::copy_in_parts(const FileVersion& version, const std::string& over,
                                               const aws::VersionFacts& facts,
                                               const std::vector<std::uint64_t>& sizes) {
  const std::string& key = version.key;
  const net::Fields tags = TRY(retry(key, [&] { return client_->tags(key, version.id); }));
  const std::string upload = TRY(retry(key, [&] { return client_->begin_copy(key, facts, tags); }));
  const auto copy = [&]() -> Result<Placed> {
    std::vector<std::string> etags;
    std::uint64_t offset = 0;
    for (const std::uint64_t size : sizes) {
      const int number = static_cast<int>(etags.size()) + 1;
      etags.push_back(TRY(retry(key, [&] {
        return client_->copy_part(key, upload, number, version.id, {offset, size});
      })));
      offset += size;
    }
    return place(
        key, over, [&](const FileVersion& newest) { return same_content(newest, version); },
        [&](const net::Headers& condition) -> Result<std::string> {
          return TRY(client_->complete_copy(key, upload, etags, condition)).id;
        });
  };
  auto copied = copy();
  if (copied && *copied) return copied;
  if (const Status aborted = client_->abort_upload(key, upload); !aborted)
    log::warning("a copy in parts was left behind",
                 {{"key", clean_remote_text(key)}, {"error", aborted.error().message}});
  return copied;
}

Result<Bucket::Placed> S3Bucket::add_marker(const std::string& key, const std::string& over) {
  return place(
      key, over, [](const FileVersion& newest) { return newest.is_marker; },
      [&](const net::Headers& condition) { return client_->add_delete_marker(key, condition); });
}

Status S3Bucket::read(const FileVersion& version, const std::function<Status(ByteView)>& sink) {
  for (std::uint64_t at = 0; at < version.size; at += options_.read_bytes) {
    const aws::S3Range range{at, std::min(options_.read_bytes, version.size - at)};
    const Bytes bytes = TRY(
        retry(version.key, [&] { return client_->get_version(version.key, version.id, range); }));
    TRY(sink(bytes));
  }
  return Done{};
}

Status S3Bucket::thaw(const FileVersion& version, const ThawRequest& request) {
  // What leaves an archive tier stays where it can be read, and S3 refuses a number of days.
  std::optional<int> days = request.days;
  if (version.storage_class == "INTELLIGENT_TIERING") days.reset();
  return retry(version.key,
               [&] { return client_->thaw(version.key, version.id, days, request.tier); });
}

}  // namespace tidemark::files
