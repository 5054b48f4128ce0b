// S3Client: versions of objects. Nothing here can destroy one.
#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include <fmt/format.h>

#include "aws/s3/s3_client.h"
#include "aws/s3/xml_text.h"

namespace tidemark::aws {
namespace {

constexpr std::string_view kXmlNamespace = "http://s3.amazonaws.com/doc/2006-03-01/";
constexpr std::size_t kHeadBytesMax = std::numeric_limits<std::int64_t>::max();

// A copy made at once keeps these by itself; one made in parts is given them.
constexpr std::array<std::string_view, 6> kDescribing = {"Content-Type",        "Cache-Control",
                                                         "Content-Disposition", "Content-Encoding",
                                                         "Content-Language",    "Expires"};
// No copy keeps these.
constexpr std::array<std::string_view, 5> kLostByCopies = {
    "x-amz-storage-class", "x-amz-website-redirect-location", "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-bucket-key-enabled"};
constexpr std::string_view kMetadataPrefix = "x-amz-meta-";

bool is_same_name(std::string_view one, std::string_view other) {
  return std::equal(one.begin(), one.end(), other.begin(), other.end(), [](char a, char b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? char(c + ('a' - 'A')) : c; };
    return lower(a) == lower(b);
  });
}

template <std::size_t kCount>
bool is_one_of(std::string_view name, const std::array<std::string_view, kCount>& names) {
  return std::any_of(names.begin(), names.end(),
                     [&](std::string_view one) { return is_same_name(one, name); });
}

bool is_metadata(std::string_view name) {
  return name.size() > kMetadataPrefix.size() &&
         is_same_name(name.substr(0, kMetadataPrefix.size()), kMetadataPrefix);
}

std::string text_of(const net::Headers& headers, std::string_view name) {
  return std::string(net::find_header(headers, name).value_or(""));
}

template <class Number>
Number number_of(const net::Headers& headers, std::string_view name) {
  const std::string text = text_of(headers, name);
  Number number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// x-amz-restore: ongoing-request="false", expiry-date="..."
Thawing thawing_of(std::string_view header) {
  if (header.find("ongoing-request=\"true\"") != std::string_view::npos) return Thawing::under_way;
  if (header.find("ongoing-request=\"false\"") != std::string_view::npos) return Thawing::done;
  return Thawing::none;
}

// A lifecycle rule moves versions into an archive class when they are old. What comes back is to be
// read, so it does not go there at once.
bool is_archive_class(std::string_view name, std::string_view value) {
  return is_same_name(name, "x-amz-storage-class") &&
         (value == "GLACIER" || value == "DEEP_ARCHIVE");
}

net::Headers kept_headers(const net::Headers& headers) {
  net::Headers kept;
  for (const auto& [name, value] : headers) {
    if (is_archive_class(name, value)) continue;
    if (is_one_of(name, kDescribing) || is_one_of(name, kLostByCopies) || is_metadata(name))
      kept.emplace_back(name, value);
  }
  return kept;
}

// The version that a copy is made of.
std::string copy_source(std::string_view bucket, std::string_view key, std::string_view id) {
  return fmt::format("/{}/{}?versionId={}", bucket, net::percent_encode_path(key),
                     net::percent_encode(id));
}

Error no_answer(std::string_view what) {
  return Error{ErrorKind::unavailable, fmt::format("S3 did not say {}", what)};
}

}  // namespace

bool VersionFacts::encrypted_by_key() const {
  const auto encryption = net::find_header(kept, "x-amz-server-side-encryption");
  return encryption && encryption->starts_with("aws:kms");
}

Result<Versioning> S3Client::versioning() {
  Call call{.name = "GetBucketVersioning", .method = "GET"};
  call.query = {{"versioning", ""}};
  const XmlDocument document = TRY(send_for_xml(call));
  const std::string status = document.root().text("Status");
  if (status == "Enabled") return Versioning::enabled;
  return status == "Suspended" ? Versioning::suspended : Versioning::off;
}

Result<VersionPage> S3Client::version_page(const std::string& prefix, const VersionPage& before,
                                           const std::string& previous_key, int entries_max) {
  Call call{.name = "ListObjectVersions", .method = "GET"};
  call.query = {
      {"versions", ""},
      {"prefix", prefix},
      {"encoding-type", "url"},
      {"max-keys", std::to_string(entries_max > 0 ? entries_max : limits_.page_entries_max)}};
  if (!before.next_key.empty()) call.query.emplace_back("key-marker", before.next_key);
  if (!before.next_id.empty()) call.query.emplace_back("version-id-marker", before.next_id);
  const XmlDocument document = TRY(send_for_xml(call));
  return read_version_page(document.root(), prefix, previous_key);
}

Result<VersionFacts> S3Client::head_version(std::string_view key, std::string_view id, int part) {
  Call call{.name = "HeadObject", .method = "HEAD", .key = key};
  call.query = {{"versionId", std::string(id)}};
  if (part > 0) call.query.emplace_back("partNumber", std::to_string(part));
  call.headers = {{"x-amz-checksum-mode", "ENABLED"}};
  call.response_bytes_max = kHeadBytesMax;  // the size of an object of which nothing is read
  VersionFacts facts{.id = std::string(id)};
  TRY(send(call, [&](net::HttpResponse& response) -> Status {
    const auto modified = parse_http_date(text_of(response.headers, "Last-Modified"));
    if (!modified || !net::find_header(response.headers, "Content-Length"))
      return no_answer("how long an object is, and of when");
    facts.size = number_of<std::uint64_t>(response.headers, "Content-Length");
    facts.modified = *modified;
    facts.etag = text_of(response.headers, "ETag");
    facts.storage_class = text_of(response.headers, "x-amz-storage-class");
    facts.checksum = text_of(response.headers, "x-amz-checksum-sha256");
    if (facts.checksum.find('-') != std::string::npos) facts.checksum.clear();  // of its parts
    facts.thawing = thawing_of(text_of(response.headers, "x-amz-restore"));
    facts.in_archive_tier = !text_of(response.headers, "x-amz-archive-status").empty();
    facts.part_count = number_of<std::uint32_t>(response.headers, "x-amz-mp-parts-count");
    facts.kept = kept_headers(response.headers);
    return Done{};
  }));
  return facts;
}

Result<Bytes> S3Client::get_version(std::string_view key, std::string_view id,
                                    const S3Range& range) {
  return get_range(key, range, {{"versionId", std::string(id)}});
}

Result<CopiedVersion> S3Client::copy_version(std::string_view key, const VersionFacts& from,
                                             const net::Headers& condition) {
  Call call{.name = "CopyObject", .method = "PUT", .key = key};
  call.copied_bytes = from.size;
  call.headers = {{"x-amz-copy-source", copy_source(location_.bucket, key, from.id)}};
  for (const auto& [name, value] : from.kept)
    if (is_one_of(name, kLostByCopies)) call.headers.emplace_back(name, value);
  call.headers.insert(call.headers.end(), condition.begin(), condition.end());
  CopiedVersion copied;
  // S3 may begin its answer with status 200 and end it with an error.
  const XmlDocument document = TRY(send_for_xml(call, [&](const net::HttpResponse& response) {
    copied.id = text_of(response.headers, "x-amz-version-id");
  }));
  copied.etag = document.root().text("ETag");
  if (document.root().name() != "CopyObjectResult" || copied.id.empty())
    return no_answer(fmt::format("what version the copy of {} is", key));
  return copied;
}

Result<std::string> S3Client::begin_copy(std::string_view key, const VersionFacts& from,
                                         const net::Fields& tags) {
  Call call{.name = "CreateMultipartUpload", .method = "POST", .key = key};
  call.query = {{"uploads", ""}};
  call.headers = from.kept;
  if (!tags.empty()) call.headers.emplace_back("x-amz-tagging", net::form_encode(tags));
  call.send_once = true;  // the second sending would begin another one
  const XmlDocument document = TRY(send_for_xml(call));
  return document.root().required_text("UploadId");
}

Result<std::string> S3Client::copy_part(std::string_view key, const std::string& upload, int number,
                                        std::string_view from, const S3Range& range) {
  Call call{.name = "UploadPartCopy", .method = "PUT", .key = key};
  call.copied_bytes = range.length;
  call.query = {{"partNumber", std::to_string(number)}, {"uploadId", upload}};
  call.headers = {{"x-amz-copy-source", copy_source(location_.bucket, key, from)},
                  {"x-amz-copy-source-range",
                   fmt::format("bytes={}-{}", range.offset, range.offset + range.length - 1)}};
  const XmlDocument document = TRY(send_for_xml(call));
  return document.root().required_text("ETag");
}

Result<CopiedVersion> S3Client::complete_copy(std::string_view key, const std::string& upload,
                                              const std::vector<std::string>& part_etags,
                                              const net::Headers& condition) {
  std::string body = fmt::format("<CompleteMultipartUpload xmlns=\"{}\">", kXmlNamespace);
  for (std::size_t i = 0; i < part_etags.size(); ++i)
    body += fmt::format("<Part><PartNumber>{}</PartNumber><ETag>{}</ETag></Part>", i + 1,
                        xml_escape(part_etags[i]));
  body += "</CompleteMultipartUpload>";
  Call call{.name = "CompleteMultipartUpload", .method = "POST", .key = key, .body = body};
  call.query = {{"uploadId", upload}};
  call.headers = {{"Content-Type", "application/xml"}};
  call.headers.insert(call.headers.end(), condition.begin(), condition.end());
  call.send_once = true;  // the second sending would find no upload
  CopiedVersion copied;
  const XmlDocument document = TRY(send_for_xml(call, [&](const net::HttpResponse& response) {
    copied.id = text_of(response.headers, "x-amz-version-id");
  }));
  copied.etag = document.root().text("ETag");
  if (document.root().name() != "CompleteMultipartUploadResult" || copied.id.empty())
    return no_answer(fmt::format("what version the copy of {} is", key));
  return copied;
}

Result<std::string> S3Client::add_delete_marker(std::string_view key,
                                                const net::Headers& condition) {
  const Call call{.name = "DeleteObject", .method = "DELETE", .key = key, .headers = condition};
  std::string id;
  TRY(send(call, [&](net::HttpResponse& response) -> Status {
    id = text_of(response.headers, "x-amz-version-id");
    return Done{};
  }));
  if (!id.empty()) return id;
  return no_answer(fmt::format("what version the delete marker of {} is", key));
}

Result<net::Fields> S3Client::tags(std::string_view key, std::string_view id) {
  Call call{.name = "GetObjectTagging", .method = "GET", .key = key};
  call.query = {{"tagging", ""}, {"versionId", std::string(id)}};
  const XmlDocument document = TRY(send_for_xml(call));
  net::Fields tags;
  for (const XmlNode tag : document.root().child("TagSet").children("Tag"))
    tags.emplace_back(tag.text("Key"), tag.text("Value"));
  return tags;
}

Status S3Client::thaw(std::string_view key, std::string_view id, std::optional<int> days,
                      std::string_view tier) {
  const std::string body = fmt::format(
      "<RestoreRequest xmlns=\"{}\">{}<GlacierJobParameters><Tier>{}</Tier>"
      "</GlacierJobParameters></RestoreRequest>",
      kXmlNamespace, days ? fmt::format("<Days>{}</Days>", *days) : "", xml_escape(tier));
  Call call{.name = "RestoreObject", .method = "POST", .key = key, .body = body};
  call.query = {{"restore", ""}, {"versionId", std::string(id)}};
  call.headers = {{"Content-Type", "application/xml"}};
  const Status done = send(call, [](net::HttpResponse&) -> Status { return Done{}; });
  if (!done && done.error().code == "RestoreAlreadyInProgress") return Done{};
  return done;
}

}  // namespace tidemark::aws
