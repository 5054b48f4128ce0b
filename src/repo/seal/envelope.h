// The 64 bytes that every object begins with. docs/repository-format.md#envelope is normative.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/aead.h"
#include "repo/ids.h"

namespace tidemark::repo {

enum class ObjectType : std::uint8_t {
  config = 1,
  key_slot = 2,
  key_ring = 3,
  pack = 4,
  index = 5,
  manifest = 6,
  lease = 7,
  mark = 8,
  removal = 9,
  hold = 10,
  distrust = 11,
};

// As it stands in messages: "key slot".
std::string_view type_name(ObjectType type);

struct RepositoryId {
  static constexpr std::size_t kBytes = 16;

  std::array<char, kBytes> bytes{};

  ByteView view() const { return {bytes.data(), bytes.size()}; }
  std::string hex() const { return to_hex(view()); }
  friend bool operator==(const RepositoryId&, const RepositoryId&) = default;
};

// Random, one an object: it makes the object's key. Not the name in the store, which is a digest.
using ObjectId = Id<struct ObjectIdTag>;

struct Header {
  static constexpr std::size_t kBytes = 64;
  // What the object's key is made from, besides the object id.
  static constexpr std::size_t kContextBytes = 32;

  crypto::Suite suite = crypto::Suite::aes256_gcm;
  ObjectType type{};
  std::uint32_t generation = 1;
  RepositoryId repository;
  ObjectId object;

  friend bool operator==(const Header&, const Header&) = default;
};

Bytes encode_header(const Header& header);

// Looks at the first 64 bytes of an object that should be of this type. Fails with corrupt, or with
// unsupported when a newer version of the format says so.
Result<Header> decode_header(ByteView object, ObjectType expected);

}  // namespace tidemark::repo
