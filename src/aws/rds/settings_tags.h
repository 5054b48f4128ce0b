// Instance settings as tags of a snapshot: JSON, compressed by zstd, in Base64, cut to the length
// of tag values. docs/snapshot-tags.md is normative:
//
//   tidemark:settings-0   "1:<parts>:<first 8 hex digits of the JSON's SHA-256>:<text>"
//   tidemark:settings-1   "<text>" ... and so on
//
// So a snapshot can be restored as it was when the instance, the repository and this program's
// machine are gone.
#pragma once

#include "base/result.h"
#include "core/instance_settings.h"

namespace tidemark::aws::rds {

inline constexpr std::string_view kSettingsTagPrefix = "tidemark:settings-";

std::string settings_to_json(const core::InstanceSettings& settings);
Result<core::InstanceSettings> settings_from_json(std::string_view json);

// Fails with exhausted when they do not fit into tags_max tags.
Result<core::Tags> encode_settings(const core::InstanceSettings& settings, std::size_t tags_max);

// Finds the settings among a snapshot's tags. Fails with not_found when there are none, with
// corrupt when a part is missing or they fail their checksum, with unsupported for a newer format.
Result<core::InstanceSettings> decode_settings(const core::Tags& tags);

}  // namespace tidemark::aws::rds
