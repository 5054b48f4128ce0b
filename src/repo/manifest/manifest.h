// Manifest: what one archive consists of. Written last, so it is the commit.
//
// docs/repository-format.md#manifests is normative. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "repo/ids.h"

namespace tidemark::repo {

// A chunk of a stream. The mark is the caller's: whatever tells it tomorrow which chunk this was.
struct ChunkReference {
  static constexpr std::size_t kBytes = ChunkId::kBytes + 8;

  ChunkId id;
  std::uint64_t mark = 0;

  friend bool operator==(const ChunkReference&, const ChunkReference&) = default;
};

struct Stream {
  std::string name;  // "public.orders": any bytes, the caller's
  std::string meta;  // the caller's
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;          // of all its chunks, plain
  std::array<char, 32> checksum{};  // the caller's, over its rows
  std::uint8_t level = 0;           // 1: the references are of list chunks
  std::vector<ChunkReference> references;

  friend bool operator==(const Stream&, const Stream&) = default;
};

struct Manifest {
  std::uint64_t sequence = 0;
  std::vector<ObjectName> previous;  // ascending
  TimePoint moment;                  // what the data shows
  TimePoint written;
  std::string source;
  std::string tool_version;
  std::map<std::string, std::string> facts;  // identity of the database, versions, ...
  std::vector<Stream> streams;               // ascending by name, no two alike

  friend bool operator==(const Manifest&, const Manifest&) = default;
};

// Fails with invalid_input when something breaks a limit of the format, or streams share a name.
Result<Bytes> encode_manifest(const Manifest& manifest);

// Fails with corrupt.
Result<Manifest> decode_manifest(ByteView payload);

// List chunks: references as plain bytes, and back.
Bytes encode_references(const std::vector<ChunkReference>& references);
Result<std::vector<ChunkReference>> decode_references(ByteView plain);

// Where lists are cut: so that one that changed little gives mostly the same list chunks.
std::vector<std::vector<ChunkReference>> cut_references(
    const std::vector<ChunkReference>& references);

}  // namespace tidemark::repo
