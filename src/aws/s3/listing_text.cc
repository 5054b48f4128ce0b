#include "aws/s3/listing_text.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "base/remote_text.h"
#include "net/url.h"

namespace tidemark::aws {

Error page_error(std::string_view what) {
  return Error{ErrorKind::corrupt, fmt::format("a page of the listing {}", what)};
}

std::string quoted_key(std::string_view key) { return "'" + clean_remote_text(key, 200) + "'"; }

KeyDecoder::KeyDecoder(const XmlNode& root) : encoded_(root.text("EncodingType") == "url") {}

Result<std::string> KeyDecoder::decode(std::string text) const {
  if (!encoded_) return text;
  std::replace(text.begin(), text.end(), '+', ' ');
  Result<std::string> decoded = net::percent_decode(text);
  if (!decoded) return page_error("has a key with a broken escape");
  return decoded;
}

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

Result<std::uint64_t> required_size(const XmlNode& node) {
  const std::optional<std::int64_t> size = TRY(node.integer("Size"));
  if (!size || *size < 0) return page_error("has an object without a size");
  return static_cast<std::uint64_t>(*size);
}

Result<std::string> required_key(const XmlNode& node, const KeyDecoder& decoder) {
  std::string key = TRY(node.required_text("Key"));
  return decoder.decode(std::move(key));
}

Status check_prefix_of(const std::string& key, const std::string& prefix) {
  if (key.starts_with(prefix)) return Done{};
  return page_error(fmt::format("has {}, which was not asked for", quoted_key(key)));
}

}  // namespace tidemark::aws
