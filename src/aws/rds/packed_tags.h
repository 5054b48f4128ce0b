// A JSON document in tags: compressed by zstd, in Base64, cut to the length of tag values.
// docs/snapshot-tags.md is normative:
//
//   <prefix>0   "1:<parts>:<first 8 hex digits of the JSON's SHA-256>:<text>"
//   <prefix>1   "<text>" ... and so on
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "core/instance_settings.h"

namespace tidemark::aws::rds {

// Which document it is: its tags, and how errors speak of it.
struct TagPlace {
  std::string_view prefix;   // "tidemark:settings-"
  std::string_view what;     // "the saved instance settings"
  std::string_view way_out;  // what to do without it
  std::string_view room;     // what to do so that it fits
};

// Fails with exhausted when it does not fit into tags_max tags.
Result<core::Tags> pack_into_tags(const TagPlace& place, std::string_view json,
                                  std::size_t tags_max);

// Fails with not_found when there is none, with corrupt when a part is missing or it fails its
// checksum, with unsupported for a newer format.
Result<std::string> unpack_from_tags(const TagPlace& place, const core::Tags& tags);

Error corrupt_tags(const TagPlace& place, std::string_view why);

}  // namespace tidemark::aws::rds
