// Every limit of the repository format, in one place. docs/repository-format.md is normative.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/time.h"

namespace tidemark::repo {

inline constexpr std::size_t kMiB = 1024 * 1024;

// Chunks and packs.
inline constexpr std::size_t kPlainChunkBytesMax = 16 * kMiB;  // plain
// Encoded and sealed: what cannot be compressed may grow a little.
inline constexpr std::size_t kStoredChunkBytesMax = 17 * kMiB;
inline constexpr std::size_t kPackTargetBytes = 16 * kMiB;
inline constexpr std::size_t kPackBytesMax = 64 * kMiB;
inline constexpr std::uint32_t kPackChunksMax = 65'536;
inline constexpr std::size_t kPackIndexBytesMax = 4 * kMiB;
// The longest chain from a chunk to a whole one: what a reader follows, whatever is written.
inline constexpr std::uint8_t kChainMax = 64;
inline constexpr std::size_t kBasesMax = 8;

// Objects with one payload. Header and tag come on top.
inline constexpr std::size_t kSealBytes = 80;
inline constexpr std::size_t kIndexBytesMax = 8 * kMiB;
inline constexpr std::size_t kIndexTargetBytes = 3 * kMiB;
static_assert(kIndexTargetBytes + kPackIndexBytesMax < kIndexBytesMax);
inline constexpr std::size_t kManifestBytesMax = 48 * kMiB;
inline constexpr std::size_t kSmallObjectBytesMax = 64 * kMiB;  // leases, marks, key rings
inline constexpr std::size_t kDistrustPacksMax = 65'536;        // of one object
inline constexpr std::size_t kExpansionMax = 4096;              // plain bytes a stored byte

// Manifests.
inline constexpr std::size_t kPreviousMax = 64;
inline constexpr std::size_t kFactsMax = 1024;
inline constexpr std::size_t kManifestStreamsMax = 200'000;
inline constexpr std::size_t kNameBytesMax = 1024;
inline constexpr std::size_t kFactBytesMax = 65'536;
inline constexpr std::size_t kMetaBytesMax = kMiB;
inline constexpr std::size_t kInlineReferencesMax = 64;
inline constexpr std::size_t kListReferencesMax = 8192;
inline constexpr unsigned kListCutModulus = 1024;

// Keys.
inline constexpr std::size_t kSlotsMax = 64;
inline constexpr std::size_t kSlotLabelMax = 64;
inline constexpr std::uint32_t kGenerationMax = 255;

// Leases.
inline constexpr Millis kLeaseRenewal = std::chrono::minutes(5);
inline constexpr Millis kLeaseLength = std::chrono::minutes(30);  // as its holder sees it
inline constexpr Millis kLeaseDead = std::chrono::minutes(60);    // as everybody else sees it
inline constexpr Millis kVisibilityMax = std::chrono::minutes(10);
inline constexpr Millis kUploadAbandoned = std::chrono::hours(24);
inline constexpr std::size_t kOwnerBytesMax = 256;

}  // namespace tidemark::repo
