#include "aws/s3/listing.h"

#include <optional>

#include <fmt/format.h>

#include "aws/s3/listing_text.h"

namespace tidemark::aws {
namespace {

Result<S3Object> read_object(const XmlNode& node, const KeyDecoder& decoder) {
  S3Object object;
  object.key = TRY(required_key(node, decoder));
  object.size = TRY(required_size(node));
  object.modified = TRY(required_time(node, "LastModified"));
  object.etag = node.text("ETag");
  return object;
}

}  // namespace

Result<ObjectPage> read_object_page(const XmlNode& root, const std::string& prefix,
                                    std::string previous) {
  if (root.name() != "ListBucketResult") return page_error("is something else");
  const KeyDecoder decoder(root);
  ObjectPage page;
  for (const XmlNode node : root.children("Contents")) {
    S3Object object = TRY(read_object(node, decoder));
    TRY(check_prefix_of(object.key, prefix));
    // S3 lists in the order of the bytes. A key that does not follow is one we have seen, or a sign
    // that others were left out.
    if (!previous.empty() && object.key <= previous)
      return page_error(
          fmt::format("has {} after {}", quoted_key(object.key), quoted_key(previous)));
    previous = object.key;
    page.objects.push_back(std::move(object));
  }
  const std::optional<std::int64_t> count = TRY(root.integer("KeyCount"));
  if (count && *count != static_cast<std::int64_t>(page.objects.size()))
    return page_error(fmt::format("has {} objects and states {}", page.objects.size(), *count));
  if (!TRY(is_truncated(root))) return page;
  page.next_token = root.text("NextContinuationToken");
  if (page.next_token.empty()) return page_error("is not the last, and names no next one");
  return page;
}

Result<UploadPage> read_upload_page(const XmlNode& root, const std::string& prefix) {
  if (root.name() != "ListMultipartUploadsResult") return page_error("is something else");
  const KeyDecoder decoder(root);
  UploadPage page;
  for (const XmlNode node : root.children("Upload")) {
    S3Upload upload;
    upload.key = TRY(required_key(node, decoder));
    TRY(check_prefix_of(upload.key, prefix));
    upload.id = TRY(node.required_text("UploadId"));
    upload.initiated = TRY(required_time(node, "Initiated"));
    page.uploads.push_back(std::move(upload));
  }
  if (!TRY(is_truncated(root))) return page;
  page.next_key = TRY(decoder.decode(root.text("NextKeyMarker")));
  page.next_id = root.text("NextUploadIdMarker");
  if (page.next_key.empty()) return page_error("is not the last, and names no next one");
  return page;
}

}  // namespace tidemark::aws
