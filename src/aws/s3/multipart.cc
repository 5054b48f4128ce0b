// S3Client: objects that go up in parts.
#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "aws/s3/s3_client.h"
#include "aws/s3/xml_text.h"
#include "base/encoding.h"
#include "base/log.h"
#include "crypto/hash.h"

namespace tidemark::aws {
namespace {

constexpr std::size_t kPartsMaxOfS3 = 10'000;
constexpr std::size_t kUploadPagesMax = 1'000;

}  // namespace

struct S3Client::Upload {
  struct Part {
    std::string etag;
    std::string checksum;
  };

  std::string key;
  std::string id;
  std::vector<Part> parts;
};

Status S3Client::put_in_parts(std::string_view key, ByteView body, PutCondition condition) {
  CHECK(limits_.part_bytes > 0 && body.size() / limits_.part_bytes < kPartsMaxOfS3);
  if (condition == PutCondition::if_absent) {
    const Result<S3Object> old = head(key);
    if (old)
      return Error{ErrorKind::already_exists,
                   fmt::format("s3://{}/{} exists already", location_.bucket, key)};
    if (old.error().kind != ErrorKind::not_found) return old.error();
  }
  Upload upload{.key = std::string(key), .id = TRY(begin_upload(key))};
  Status done = put_parts(upload, body);
  if (done) done = complete_upload(upload, condition);
  if (!done) {
    if (const Status aborted = abort_upload(key, upload.id); !aborted)
      log::warning("an upload in parts was left behind; abort_abandoned ends it",
                   {{"key", upload.key}, {"error", aborted.error().message}});
    return done;
  }
  const S3Object object = TRY(head(key));
  if (object.size == body.size()) return Done{};
  return Error{ErrorKind::corrupt, fmt::format("object {} has {} bytes after {} were uploaded", key,
                                               object.size, body.size())};
}

Result<std::string> S3Client::begin_upload(std::string_view key) {
  Call call{.name = "CreateMultipartUpload", .method = "POST", .key = key};
  call.query = {{"uploads", ""}};
  call.headers = {{"Content-Type", "application/octet-stream"},
                  {"x-amz-checksum-algorithm", "SHA256"}};
  call.send_once = true;  // the second sending would begin another one
  const XmlDocument document = TRY(send_for_xml(call));
  return document.root().required_text("UploadId");
}

Status S3Client::put_parts(Upload& upload, ByteView body) {
  while (!body.empty()) {
    const ByteView bytes = body.substr(0, limits_.part_bytes);
    body.remove_prefix(bytes.size());
    Upload::Part part{.checksum = to_base64(crypto::sha256(bytes))};
    Call call{.name = "UploadPart", .method = "PUT", .key = upload.key, .body = bytes};
    call.query = {{"partNumber", std::to_string(upload.parts.size() + 1)}, {"uploadId", upload.id}};
    call.headers = {{"x-amz-checksum-sha256", part.checksum}};
    TRY(send(call, [&](net::HttpResponse& response) -> Status {
      part.etag = net::find_header(response.headers, "ETag").value_or("");
      if (!part.etag.empty()) return Done{};
      return Error{ErrorKind::unavailable, "S3 took a part and gave no ETag for it"};
    }));
    upload.parts.push_back(std::move(part));
  }
  return Done{};
}

// S3 may begin its answer with status 200 and end it with an error, which send_for_xml() sees.
Status S3Client::complete_upload(const Upload& upload, PutCondition condition) {
  std::string body = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
  for (std::size_t i = 0; i < upload.parts.size(); ++i)
    body += fmt::format(
        "<Part><PartNumber>{}</PartNumber><ETag>{}</ETag>"
        "<ChecksumSHA256>{}</ChecksumSHA256></Part>",
        i + 1, xml_escape(upload.parts[i].etag), upload.parts[i].checksum);
  body += "</CompleteMultipartUpload>";
  Call call{.name = "CompleteMultipartUpload", .method = "POST", .key = upload.key, .body = body};
  call.query = {{"uploadId", upload.id}};
  call.headers = {{"Content-Type", "application/xml"}};
  call.send_once = true;  // the second sending would find no upload
  if (condition == PutCondition::if_absent) call.headers.emplace_back("If-None-Match", "*");
  const XmlDocument document = TRY(send_for_xml(call));
  if (document.root().name() == "CompleteMultipartUploadResult") return Done{};
  return Error{ErrorKind::unavailable,
               fmt::format("S3 did not confirm the upload of {}", upload.key)};
}

Status S3Client::abort_upload(std::string_view key, const std::string& id) {
  Call call{.name = "AbortMultipartUpload", .method = "DELETE", .key = key};
  call.query = {{"uploadId", id}};
  const Status done = send(call, [](net::HttpResponse&) -> Status { return Done{}; });
  if (!done && done.error().code == "NoSuchUpload") return Done{};
  return done;
}

Result<std::size_t> S3Client::abort_abandoned(const std::string& prefix, TimePoint begun_before) {
  std::vector<S3Upload> abandoned;
  UploadPage page;
  for (std::size_t page_count = 0;; ++page_count) {
    if (page_count == kUploadPagesMax)
      return Error{ErrorKind::corrupt, "the listing of uploads has no end"};
    Call call{.name = "ListMultipartUploads", .method = "GET"};
    call.query = {{"uploads", ""},
                  {"prefix", prefix},
                  {"encoding-type", "url"},
                  {"max-uploads", std::to_string(limits_.page_entries_max)}};
    if (!page.next_key.empty()) call.query.emplace_back("key-marker", page.next_key);
    if (!page.next_id.empty()) call.query.emplace_back("upload-id-marker", page.next_id);
    const XmlDocument document = TRY(send_for_xml(call));
    page = TRY(read_upload_page(document.root(), prefix));
    std::copy_if(page.uploads.begin(), page.uploads.end(), std::back_inserter(abandoned),
                 [&](const S3Upload& upload) { return upload.initiated < begun_before; });
    if (page.next_key.empty()) break;
  }
  for (const S3Upload& upload : abandoned) TRY(abort_upload(upload.key, upload.id));
  return abandoned.size();
}

}  // namespace tidemark::aws
