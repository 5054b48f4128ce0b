#include "repo/seal/sealer.h"

#include <fmt/format.h>

#include "crypto/hash.h"
#include "crypto/kdf.h"

namespace tidemark::repo {

ObjectSeal::ObjectSeal(const Header& header, const Secret& root)
    : header_(header), header_bytes_(encode_header(header)) {
  const ByteView context = ByteView(header_bytes_).substr(0, Header::kContextBytes);
  key_ = crypto::hkdf_sha256(root, header.object.view(), "tidemark object" + Bytes(context),
                             crypto::kAeadKeyBytes);
}

void ObjectSeal::seal(std::uint64_t counter, ByteView aad, ByteView plain, Bytes& out) const {
  crypto::aead_seal(header_.suite, key_, counter, header_bytes_ + Bytes(aad), plain, out);
}

Result<Bytes> ObjectSeal::open(std::uint64_t counter, ByteView aad, ByteView sealed) const {
  return crypto::aead_open(header_.suite, key_, counter, header_bytes_ + Bytes(aad), sealed);
}

Sealer::Sealer(const RepositoryId& repository, Roots roots, crypto::Suite suite,
               crypto::RandomSource& random)
    : repository_(repository), roots_(std::move(roots)), suite_(suite), random_(random) {
  CHECK(!roots_.empty());
  chunk_id_key_ = crypto::hkdf_sha256(roots_.front(), repository.view(), "tidemark chunk id",
                                      crypto::kDigestBytes);
}

Bytes Sealer::seal(ObjectType type, ByteView payload) const {
  const ObjectSeal object = begin(type);
  Bytes bytes = object.header_bytes();
  object.seal(0, {}, payload, bytes);
  return bytes;
}

Result<Opened> Sealer::open(ObjectType type, ByteView object) const {
  const Header header = TRY(decode_header(object, type));
  const ObjectSeal sealed = TRY(resume(header));
  return Opened{header, TRY(sealed.open(0, {}, object.substr(Header::kBytes)))};
}

ObjectSeal Sealer::begin(ObjectType type) const {
  const Header header{.suite = suite_,
                      .type = type,
                      .generation = generation(),
                      .repository = repository_,
                      .object = ObjectId::from(random_.bytes(ObjectId::kBytes))};
  return {header, roots_.back()};
}

Result<ObjectSeal> Sealer::resume(const Header& header) const {
  if (header.repository != repository_)
    return Error{ErrorKind::corrupt,
                 fmt::format("it belongs to repository {}", header.repository.hex())};
  if (header.generation > generation())
    return Error{ErrorKind::denied,
                 fmt::format("it is sealed under generation {} of the key, and yours is {}",
                             header.generation, generation()),
                 "open the repository with the key that the last re-key made"};
  return ObjectSeal(header, roots_[header.generation - 1]);
}

ChunkId Sealer::chunk_id(ByteView plain) const {
  return ChunkId::from(crypto::hmac_sha256(chunk_id_key_.reveal(), plain));
}

ObjectName name_of(ByteView object) { return ObjectName::from(crypto::sha256(object)); }

}  // namespace tidemark::repo
