// Sealer: turns payloads into the objects of one repository, and back.
//
// Every object id, and so every key of an object, is made here and nowhere else, from the
// RandomSource. Thread-safe. docs/repository-format.md#envelope is normative.
#pragma once

#include <vector>

#include "base/secret.h"
#include "crypto/random.h"
#include "repo/ids.h"
#include "repo/seal/envelope.h"

namespace tidemark::repo {

// The roots of all generations up to the newest, the first one first; never empty.
using Roots = std::vector<Secret>;

inline constexpr std::size_t kRootBytes = 32;

// The key of one object. Each counter seals once.
class ObjectSeal {
 public:
  ObjectSeal(const Header& header, const Secret& root);

  const Header& header() const { return header_; }
  const Bytes& header_bytes() const { return header_bytes_; }

  // Adds ciphertext and tag to out. The header is authenticated always; aad besides it.
  void seal(std::uint64_t counter, ByteView aad, ByteView plain, Bytes& out) const;
  Result<Bytes> open(std::uint64_t counter, ByteView aad, ByteView sealed) const;

 private:
  Header header_;
  Bytes header_bytes_;
  Secret key_;
};

struct Opened {
  Header header;
  Bytes payload;
};

class Sealer {
 public:
  // Borrows the random source. suite is that of new objects.
  Sealer(const RepositoryId& repository, Roots roots, crypto::Suite suite,
         crypto::RandomSource& random);

  const RepositoryId& repository() const { return repository_; }
  std::uint32_t generation() const { return static_cast<std::uint32_t>(roots_.size()); }
  crypto::Suite suite() const { return suite_; }
  const Roots& roots() const { return roots_; }

  // A whole object: header and sealed payload.
  Bytes seal(ObjectType type, ByteView payload) const;

  // Fails with corrupt, with unsupported when it is newer than this program, and with denied when
  // it was sealed under a root of a later generation.
  Result<Opened> open(ObjectType type, ByteView object) const;

  // A new object that is sealed in parts, under the newest root.
  ObjectSeal begin(ObjectType type) const;

  // An existing object, by its header.
  Result<ObjectSeal> resume(const Header& header) const;

  // The keyed digest of a chunk's plain bytes.
  ChunkId chunk_id(ByteView plain) const;

 private:
  RepositoryId repository_;
  Roots roots_;
  crypto::Suite suite_;
  crypto::RandomSource& random_;
  Secret chunk_id_key_;
};

// The name of an object in the store: the digest of its bytes.
ObjectName name_of(ByteView object);

}  // namespace tidemark::repo
