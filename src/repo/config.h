// The config object and the key rings: what a repository is, and which roots came before.
//
// docs/repository-format.md#config and #generations are normative.
#pragma once

#include <vector>

#include "base/time.h"
#include "repo/ids.h"
#include "repo/seal/sealer.h"

namespace tidemark::repo {

struct Config {
  TimePoint created;
  crypto::Suite suite = crypto::Suite::aes256_gcm;  // of new objects

  friend bool operator==(const Config&, const Config&) = default;
};

Bytes encode_config(const Config& config);
Result<Config> decode_config(ByteView payload);

// The id of the repository, for whom has no key yet.
Result<RepositoryId> repository_of_config(ByteView object);

struct KeyRing {
  Roots earlier;  // of generation 1 and on; at least one
  // What counts of the objects of earlier generations. Ascending.
  std::vector<ObjectName> manifests;
  std::vector<ObjectName> indexes;
};

Bytes encode_key_ring(const KeyRing& ring);
Result<KeyRing> decode_key_ring(ByteView payload);

}  // namespace tidemark::repo
