#include "aws/s3/listing.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "base/remote_text.h"
#include "net/url.h"

namespace tidemark::aws {
namespace {

Error page_error(std::string_view what) {
  return Error{ErrorKind::corrupt, fmt::format("a page of the listing {}", what)};
}

std::string quoted(std::string_view key) { return "'" + clean_remote_text(key, 200) + "'"; }

// Text of a page that S3 percent-encodes when it was asked to and says that it did.
class Decoder {
 public:
  explicit Decoder(const XmlNode& root) : encoded_(root.text("EncodingType") == "url") {}

  Result<std::string> decode(std::string text) const {
    if (!encoded_) return text;
    std::replace(text.begin(), text.end(), '+', ' ');
    Result<std::string> decoded = net::percent_decode(text);
    if (!decoded) return page_error("has a key with a broken escape");
    return decoded;
  }

 private:
  const bool encoded_;
};

Result<bool> is_truncated(const XmlNode& root) {
  const std::optional<bool> truncated = TRY(root.boolean("IsTruncated"));
  if (!truncated) return page_error("does not say whether it is the last");
  return *truncated;
}

Result<TimePoint> required_time(const XmlNode& node, std::string_view name) {
  const std::optional<TimePoint> time = TRY(node.time(name));
  if (!time) return page_error(fmt::format("has an entry without {}", name));
  return *time;
}

Result<std::string> required_key(const XmlNode& node, const Decoder& decoder) {
  std::string key = TRY(node.required_text("Key"));
  return decoder.decode(std::move(key));
}

Result<S3Object> read_object(const XmlNode& node, const Decoder& decoder) {
  S3Object object;
  object.key = TRY(required_key(node, decoder));
  const std::optional<std::int64_t> size = TRY(node.integer("Size"));
  if (!size || *size < 0) return page_error("has an object without a size");
  object.size = static_cast<std::uint64_t>(*size);
  object.modified = TRY(required_time(node, "LastModified"));
  object.etag = node.text("ETag");
  return object;
}

Status check_prefix_of(const std::string& key, const std::string& prefix) {
  if (key.starts_with(prefix)) return Done{};
  return page_error(fmt::format("has {}, which was not asked for", quoted(key)));
}

}  // namespace

Result<ObjectPage> read_object_page(const XmlNode& root, const std::string& prefix,
                                    std::string previous) {
  if (root.name() != "ListBucketResult") return page_error("is something else");
  const Decoder decoder(root);
  ObjectPage page;
  for (const XmlNode node : root.children("Contents")) {
    S3Object object = TRY(read_object(node, decoder));
    TRY(check_prefix_of(object.key, prefix));
    // S3 lists in the order of the bytes. A key that does not follow is one we have seen, or a sign
    // that others were left out.
    if (!previous.empty() && object.key <= previous)
      return page_error(fmt::format("has {} after {}", quoted(object.key), quoted(previous)));
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
  const Decoder decoder(root);
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
