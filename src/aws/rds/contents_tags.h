// What a server held, as tags of a snapshot: so that a restored instance can be held against it
// when the original, and the machine that looked at it, are gone. docs/snapshot-tags.md is
// normative.
#pragma once

#include "base/result.h"
#include "core/contents.h"
#include "core/instance_settings.h"

namespace tidemark::aws::rds {

inline constexpr std::string_view kContentsTagPrefix = "tidemark:contents-";
inline constexpr std::size_t kContentsTagsMax = 8;

std::string contents_to_json(const core::ServerContents& contents);
Result<core::ServerContents> contents_from_json(std::string_view json);

// With as many of the largest tables as fit. Fails with exhausted when not even the databases do.
Result<core::Tags> encode_contents(const core::ServerContents& contents, std::size_t tags_max);

// Fails like decode_settings.
Result<core::ServerContents> decode_contents(const core::Tags& tags);

}  // namespace tidemark::aws::rds
