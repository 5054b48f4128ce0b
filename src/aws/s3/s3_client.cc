#include "aws/s3/s3_client.h"

#include <charconv>
#include <limits>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "aws/s3/s3_error.h"
#include "aws/wire/endpoint.h"
#include "aws/wire/service_error.h"
#include "base/encoding.h"
#include "crypto/hash.h"
#include "net/url.h"

namespace tidemark::aws {
namespace {

constexpr std::string_view kChecksumHeader = "x-amz-checksum-sha256";
constexpr std::size_t kPagesMax = 100'000;
constexpr std::size_t kErrorBytesMax = 1u << 20;

// A call may take this long, and a second more for each so many bytes: no line that is slower is of
// use. A line that stands still is given up much sooner, by the transport.
constexpr Millis kDeadlineBase{60'000};
constexpr std::uint64_t kBytesPerSecondMin = 128u << 10;
constexpr Millis kDeadlineMax{std::chrono::hours(12)};

SenderOptions one_attempt(AttemptObserver observe) {
  SenderOptions options;
  options.retry.attempts_max = 1;
  options.retry.deadline = kDeadlineMax;
  options.observe = std::move(observe);
  return options;
}

bool is_success(const net::HttpResponse& response) {
  return response.status >= 200 && response.status <= 299;
}

std::optional<std::uint64_t> number_in(std::string_view text) {
  std::uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stopped_at, failure] = std::from_chars(text.data(), end, number);
  if (failure != std::errc{} || stopped_at != end || text.empty()) return std::nullopt;
  return number;
}

Error answer_error(std::string_view key, std::string_view what) {
  return Error{ErrorKind::corrupt, fmt::format("object {}: {}", key, what)};
}

// "bytes 0-9/100" is what was asked for, whatever the size after the slash.
bool is_range(std::string_view content_range, const S3Range& range) {
  return content_range.starts_with(
      fmt::format("bytes {}-{}/", range.offset, range.offset + range.length - 1));
}

// The checksum of a whole object that went up at once; one of parts ends in "-" and their number.
std::optional<std::string_view> checksum_of(const net::Headers& headers) {
  const auto checksum = net::find_header(headers, kChecksumHeader);
  if (!checksum || checksum->find('-') != std::string_view::npos) return std::nullopt;
  return checksum;
}

}  // namespace

Result<std::unique_ptr<S3Client>> S3Client::open(BucketLocation location, SenderParts parts,
                                                 S3Limits limits, AttemptObserver observe) {
  if (location.region.empty()) location.region = kDefaultS3Region;
  TRY(bucket_url(location, location.region));
  return std::unique_ptr<S3Client>(
      new S3Client(std::move(location), parts, limits, std::move(observe)));
}

S3Client::S3Client(BucketLocation location, SenderParts parts, S3Limits limits,
                   AttemptObserver observe)
    : location_(std::move(location)),
      limits_(limits),
      region_(location_.region),
      sender_(
          parts,
          [this](net::HttpRequest& request, const Credentials& credentials, TimePoint now) {
            return sign(request, credentials, {region(), "s3"}, now);
          },
          one_attempt(std::move(observe))) {}

std::string S3Client::region() const {
  const std::lock_guard lock(mutex_);
  return region_;
}

Result<net::HttpRequest> S3Client::request_for(const Call& call) const {
  net::HttpRequest request;
  request.method = call.method;
  request.url = TRY(bucket_url(location_, region()));
  request.url += "/" + net::percent_encode_path(call.key);
  if (!call.query.empty()) request.url += "?" + net::form_encode(call.query);
  request.headers = call.headers;
  request.body = call.body;
  request.send_once = call.send_once;
  if (call.response_bytes_max != 0) request.response_bytes_max = call.response_bytes_max;
  const std::uint64_t bytes =
      call.body.size() + call.copied_bytes + (call.method == "HEAD" ? 0 : call.response_bytes_max);
  request.deadline = std::min(kDeadlineBase + Seconds{bytes / kBytesPerSecondMin}, kDeadlineMax);
  return request;
}

// A bucket that is elsewhere is asked there, once: where that is, S3 says itself.
Status S3Client::send(const Call& call, const Reader& read) {
  std::optional<std::string> moved_to;
  Status done = send_once(call, read, moved_to);
  if (done || !moved_to || *moved_to == region()) return done;
  {
    const std::lock_guard lock(mutex_);
    region_ = *moved_to;
  }
  return send_once(call, read, moved_to);
}

Status S3Client::send_once(const Call& call, const Reader& read,
                           std::optional<std::string>& moved_to) {
  net::HttpRequest request = TRY(request_for(call));
  const std::string name = fmt::format("{} s3://{}/{}", call.name, location_.bucket, call.key);
  return sender_.send(name, std::move(request), [&](net::HttpResponse& response) -> Status {
    if (is_success(response)) return read(response);
    if (location_.endpoint_url.empty()) moved_to = region_hint(response);
    return s3_error(response);
  });
}

Result<XmlDocument> S3Client::send_for_xml(const Call& call, const Look& look) {
  std::optional<XmlDocument> document;
  TRY(send(call, [&](net::HttpResponse& response) -> Status {
    if (look) look(response);
    Result<XmlDocument> read = read_xml(std::move(response));
    if (!read) return in_terms_of_s3(std::move(read).error());
    document = *std::move(read);
    return Done{};
  }));
  return *std::move(document);
}

Status S3Client::put(std::string_view key, ByteView body, PutCondition condition) {
  if (body.size() <= limits_.single_put_bytes_max) return put_whole(key, body, condition);
  return put_in_parts(key, body, condition);
}

Status S3Client::put_whole(std::string_view key, ByteView body, PutCondition condition) {
  const std::string checksum = to_base64(crypto::sha256(body));
  Call call{.name = "PutObject", .method = "PUT", .key = key, .body = body};
  call.headers = {{"Content-Type", "application/octet-stream"},
                  {std::string(kChecksumHeader), checksum}};
  if (condition == PutCondition::if_absent) {
    call.headers.emplace_back("If-None-Match", "*");
    call.send_once = true;  // the second sending would meet the object of the first
  }
  return send(call, [&](net::HttpResponse& response) -> Status {
    const auto theirs = checksum_of(response.headers);
    if (theirs && *theirs != checksum)
      return answer_error(key, "S3 stored other bytes than were sent");
    return Done{};
  });
}

Result<Bytes> S3Client::get(std::string_view key, std::optional<S3Range> range) {
  if (range && range->length == 0) {  // which a Range header cannot say
    const S3Object object = TRY(head(key));
    if (range->offset <= object.size) return Bytes();
    return answer_error(key, fmt::format("it ends before byte {}", range->offset));
  }
  if (range) return get_range(key, *range, {});
  Call call{.name = "GetObject", .method = "GET", .key = key};
  call.response_bytes_max = limits_.object_bytes_max;
  call.headers = {{"x-amz-checksum-mode", "ENABLED"}};
  Bytes bytes;
  TRY(send(call, [&](net::HttpResponse& response) -> Status {
    const auto checksum = checksum_of(response.headers);
    if (checksum && *checksum != to_base64(crypto::sha256(response.body)))
      return answer_error(key, "its bytes contradict the checksum that S3 keeps of them");
    bytes = std::move(response.body);
    return Done{};
  }));
  return bytes;
}

Result<Bytes> S3Client::get_range(std::string_view key, const S3Range& range, net::Fields query) {
  if (range.offset > std::numeric_limits<std::uint64_t>::max() - range.length)
    return answer_error(key, "it ends before the range that was asked for");
  if (range.length > limits_.object_bytes_max)
    return Error{ErrorKind::exhausted,
                 fmt::format("{} bytes of object {} were asked for at once", range.length, key)};
  Call call{.name = "GetObject", .method = "GET", .key = key};
  call.query = std::move(query);
  call.response_bytes_max = std::max<std::size_t>(range.length, kErrorBytesMax);
  call.headers = {
      {"Range", fmt::format("bytes={}-{}", range.offset, range.offset + range.length - 1)}};
  Bytes bytes;
  Status done = send(call, [&](net::HttpResponse& response) -> Status {
    const auto given = net::find_header(response.headers, "Content-Range");
    if (response.status != 206 || !given || !is_range(*given, range) ||
        response.body.size() != range.length)
      return answer_error(key, "it ends before the range that was asked for");
    bytes = std::move(response.body);
    return Done{};
  });
  if (done) return bytes;
  Error error = std::move(done).error();
  if (error.code == "InvalidRange") error.kind = ErrorKind::corrupt;
  return error;
}

Result<S3Object> S3Client::head(std::string_view key) {
  Call call{.name = "HeadObject", .method = "HEAD", .key = key};
  // The size of an object of which nothing is read.
  call.response_bytes_max = std::numeric_limits<std::int64_t>::max();
  S3Object object{.key = std::string(key)};
  Status done = send(call, [&](net::HttpResponse& response) -> Status {
    const auto size = number_in(net::find_header(response.headers, "Content-Length").value_or(""));
    const auto modified =
        parse_http_date(net::find_header(response.headers, "Last-Modified").value_or(""));
    if (!size || !modified) return answer_error(key, "the answer has no size or no date");
    object.size = *size;
    object.modified = *modified;
    object.etag = net::find_header(response.headers, "ETag").value_or("");
    return Done{};
  });
  if (done) return object;
  return why_missing(key, std::move(done).error());
}

// The answer to HEAD has no body to say whether the object is missing or the bucket. That to GET
// has.
Error S3Client::why_missing(std::string_view key, Error error) {
  if (error.kind != ErrorKind::not_found) return error;
  const Result<Bytes> byte = get(key, S3Range{0, 1});
  if (byte || byte.error().kind == ErrorKind::corrupt)
    return Error{ErrorKind::unavailable,
                 fmt::format("object {} appeared while it was looked for", key)};
  return byte.error();
}

Status S3Client::remove(std::string_view key) {
  const Call call{.name = "DeleteObject", .method = "DELETE", .key = key};
  const Status done = send(call, [](net::HttpResponse&) -> Status { return Done{}; });
  if (!done && done.error().kind == ErrorKind::not_found) return Done{};
  return done;
}

Status S3Client::for_each_object(const std::string& prefix,
                                 const std::function<Status(const S3Object&)>& visit) {
  std::string token;
  std::string previous;
  // Hashes: two tokens that collide would end the listing with an error, never early.
  std::unordered_set<std::size_t> seen;
  for (std::size_t page_count = 0; page_count < kPagesMax; ++page_count) {
    Call call{.name = "ListObjectsV2", .method = "GET"};
    call.query = {{"list-type", "2"},
                  {"prefix", prefix},
                  {"encoding-type", "url"},
                  {"max-keys", std::to_string(limits_.page_entries_max)}};
    if (!token.empty()) call.query.emplace_back("continuation-token", token);
    const XmlDocument document = TRY(send_for_xml(call));
    const ObjectPage page = TRY(read_object_page(document.root(), prefix, previous));
    for (const S3Object& object : page.objects) TRY(visit(object));
    if (!page.objects.empty()) previous = page.objects.back().key;
    token = page.next_token;
    if (token.empty()) return Done{};
    if (!seen.insert(std::hash<std::string>{}(token)).second)
      return Error{ErrorKind::corrupt, fmt::format("the listing of s3://{}/{} goes in circles",
                                                   location_.bucket, prefix)};
  }
  return Error{ErrorKind::corrupt,
               fmt::format("the listing of s3://{}/{} has no end", location_.bucket, prefix)};
}

}  // namespace tidemark::aws
