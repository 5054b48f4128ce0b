// ContentProof: whether bytes are those of a version, by all that S3 says of it: its size, its
// SHA-256 where it has one, and its ETag where that is made of the bytes.
#pragma once

#include "base/bytes.h"
#include "crypto/hash.h"
#include "files/bucket.h"

namespace tidemark::files {

// The state, with all that proves the bytes. The parts of what cannot be read now are left out.
Result<VersionState> look_for_proof(Bucket& bucket, const FileVersion& version);

class ContentProof {
 public:
  // Borrows both.
  ContentProof(const FileVersion& version, const VersionState& state)
      : version_(version), state_(state) {}

  void add(ByteView bytes);
  // Fails with corrupt. Nothing may follow.
  Status finish();

 private:
  Error unlike(std::string_view what) const;
  void end_part();

  const FileVersion& version_;
  const VersionState& state_;
  std::uint64_t size_ = 0;
  crypto::Sha256 sha256_;
  crypto::Md5 md5_;  // of all, or of the part
  std::uint64_t part_size_ = 0;
  std::string part_digests_;
  std::size_t ended_ = 0;  // parts
};

}  // namespace tidemark::files
