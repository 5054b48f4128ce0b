#include "files/content_proof.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/remote_text.h"

namespace tidemark::files {
namespace {

std::string md5_of(std::string_view bytes) {
  crypto::Md5 md5;
  md5.update(bytes);
  return md5.finish();
}

}  // namespace

Result<VersionState> look_for_proof(Bucket& bucket, const FileVersion& version) {
  VersionState state = TRY(bucket.look_at(version));
  if (state.etag_is_of_parts && !state.is_cold) state.parts = TRY(bucket.part_sizes(version));
  return state;
}

void ContentProof::end_part() {
  part_digests_ += md5_.finish();
  md5_ = crypto::Md5();
  part_size_ = 0;
  ++ended_;
}

void ContentProof::add(ByteView bytes) {
  size_ += bytes.size();
  if (!state_.sha256.empty()) sha256_.update(bytes);
  if (state_.parts.empty()) md5_.update(bytes);
  // What is longer than all parts fails by its size.
  while (!bytes.empty() && ended_ < state_.parts.size()) {
    const std::uint64_t room = state_.parts[ended_] - part_size_;
    const ByteView some = bytes.substr(0, std::min<std::uint64_t>(room, bytes.size()));
    bytes.remove_prefix(some.size());
    md5_.update(some);
    part_size_ += some.size();
    if (part_size_ == state_.parts[ended_]) end_part();
  }
}

Error ContentProof::unlike(std::string_view what) const {
  return Error{ErrorKind::corrupt, fmt::format("{} {} is not that of the version in S3", what,
                                               clean_remote_text(version_.key))};
}

Status ContentProof::finish() {
  if (size_ != version_.size) return unlike("the size of");
  if (!state_.sha256.empty() && to_base64(sha256_.finish()) != state_.sha256)
    return unlike("the SHA-256 of");
  if (!state_.parts.empty()) {
    while (ended_ < state_.parts.size()) end_part();  // those of no bytes
    const std::string etag = fmt::format("{}-{}", to_hex(md5_of(part_digests_)), ended_);
    return etag == version_.etag ? Status(Done{}) : unlike("the ETag of");
  }
  if (state_.etag_is_of_bytes && to_hex(md5_.finish()) != version_.etag)
    return unlike("the ETag of");
  return Done{};
}

}  // namespace tidemark::files
