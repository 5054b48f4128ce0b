// What pages of the different listings of S3 have in common.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "aws/wire/xml.h"
#include "base/result.h"

namespace tidemark::aws {

Error page_error(std::string_view what);

// The key as a message shows it.
std::string quoted_key(std::string_view key);

// Decodes text of a page that S3 percent-encodes when it was asked to and says that it did.
class KeyDecoder {
 public:
  explicit KeyDecoder(const XmlNode& root);

  // Fails with corrupt.
  Result<std::string> decode(std::string text) const;

 private:
  const bool encoded_;
};

// All fail with corrupt.
Result<bool> is_truncated(const XmlNode& root);
Result<TimePoint> required_time(const XmlNode& node, std::string_view name);
Result<std::uint64_t> required_size(const XmlNode& node);
Result<std::string> required_key(const XmlNode& node, const KeyDecoder& decoder);
Status check_prefix_of(const std::string& key, const std::string& prefix);

}  // namespace tidemark::aws
