#include "aws/rds/packed_tags.h"

#include <charconv>

#include <fmt/format.h>
#include <zstd.h>

#include "base/encoding.h"
#include "crypto/hash.h"

namespace tidemark::aws::rds {
namespace {

constexpr std::size_t kTagValueMax = 256;     // API reference, Tag
constexpr std::size_t kJsonBytesMax = 65536;  // far above what 50 tags can hold
constexpr std::string_view kFormat = "1";

Result<std::string> compress(const TagPlace& place, std::string_view text) {
  std::string packed(ZSTD_compressBound(text.size()), '\0');
  const std::size_t size =
      ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), ZSTD_maxCLevel());
  if (ZSTD_isError(size)) return corrupt_tags(place, "cannot be compressed");
  packed.resize(size);
  return packed;
}

Result<std::string> decompress(const TagPlace& place, std::string_view packed) {
  const auto size = ZSTD_getFrameContentSize(packed.data(), packed.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN || size > kJsonBytesMax)
    return corrupt_tags(place, "are not a zstd frame of a sane size");
  std::string text(size, '\0');
  const std::size_t got = ZSTD_decompress(text.data(), text.size(), packed.data(), packed.size());
  if (ZSTD_isError(got) || got != size) return corrupt_tags(place, "cannot be decompressed");
  return text;
}

std::string checksum(std::string_view json) { return to_hex(crypto::sha256(json)).substr(0, 8); }

std::string tag_name(const TagPlace& place, std::size_t part) {
  return fmt::format("{}{}", place.prefix, part);
}

struct Head {
  std::size_t parts = 0;
  std::string checksum;
  std::string text;
};

Result<Head> parse_head(const TagPlace& place, std::string_view value) {
  const std::size_t first = value.find(':');
  const std::size_t second = value.find(':', first == value.npos ? first : first + 1);
  const std::size_t third = value.find(':', second == value.npos ? second : second + 1);
  if (third == std::string_view::npos) return corrupt_tags(place, "have no header");
  if (value.substr(0, first) != kFormat)
    return Error{ErrorKind::unsupported,
                 fmt::format("{} have format {}", place.what,
                             value.substr(0, std::min<std::size_t>(first, 8))),
                 "use a newer version of Tidemark"};
  Head head;
  const std::string_view parts = value.substr(first + 1, second - first - 1);
  const auto [end, error] = std::from_chars(parts.data(), parts.data() + parts.size(), head.parts);
  if (error != std::errc{} || end != parts.data() + parts.size() || head.parts == 0 ||
      head.parts > 50)
    return corrupt_tags(place, "have no count of parts");
  head.checksum = value.substr(second + 1, third - second - 1);
  head.text = value.substr(third + 1);
  return head;
}

}  // namespace

Error corrupt_tags(const TagPlace& place, std::string_view why) {
  return Error{ErrorKind::corrupt, fmt::format("{} {}", place.what, why),
               std::string(place.way_out)};
}

Result<core::Tags> pack_into_tags(const TagPlace& place, std::string_view json,
                                  std::size_t tags_max) {
  const std::string text = to_base64(TRY(compress(place, json)));
  // Room for a header with two digits of parts.
  const std::size_t head_bytes = kFormat.size() + 1 + 2 + 1 + 8 + 1;
  const std::size_t parts =
      text.size() + head_bytes <= kTagValueMax
          ? 1
          : 1 + (text.size() - (kTagValueMax - head_bytes) + kTagValueMax - 1) / kTagValueMax;
  if (parts > tags_max)
    return Error{
        ErrorKind::exhausted,
        fmt::format("{} need {} tags and there is room for {}", place.what, parts, tags_max),
        std::string(place.room)};
  core::Tags tags;
  std::string_view rest = text;
  for (std::size_t part = 0; part < parts; ++part) {
    std::string value = part == 0 ? fmt::format("{}:{}:{}:", kFormat, parts, checksum(json)) : "";
    const std::string_view piece = rest.substr(0, kTagValueMax - value.size());
    rest.remove_prefix(piece.size());
    tags[tag_name(place, part)] = value.append(piece);
  }
  CHECK(rest.empty());
  return tags;
}

Result<std::string> unpack_from_tags(const TagPlace& place, const core::Tags& tags) {
  const auto first = tags.find(tag_name(place, 0));
  if (first == tags.end())
    return Error{ErrorKind::not_found, fmt::format("the snapshot does not carry {}", place.what)};
  Head head = TRY(parse_head(place, first->second));
  for (std::size_t part = 1; part < head.parts; ++part) {
    const auto tag = tags.find(tag_name(place, part));
    if (tag == tags.end())
      return corrupt_tags(place, fmt::format("lack the tag {}", tag_name(place, part)));
    head.text += tag->second;
  }
  const auto packed = from_base64(head.text);
  if (!packed) return corrupt_tags(place, "are not Base64");
  std::string json = TRY(decompress(place, *packed));
  if (checksum(json) != head.checksum) return corrupt_tags(place, "fail their checksum");
  return json;
}

}  // namespace tidemark::aws::rds
