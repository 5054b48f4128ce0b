// Repository: archives in an object store, opened with a key.
//
// docs/repository-format.md says what is stored. This is the door for the rest of the program:
// init or open it, begin a Writer, list archives, read chunks. Thread-safe but for open and init.
#pragma once

#include <memory>

#include "repo/chunk_reader.h"
#include "repo/limits.h"
#include "repo/manifest/history.h"
#include "repo/seal/slots.h"

namespace tidemark::repo {

struct OpenOptions {
  const ObjectCache* cache = nullptr;  // borrowed; may be absent
  std::size_t chunk_cache_bytes = 64 * kMiB;
};

// What the repository needs of the world; all borrowed.
struct Surroundings {
  ObjectStore& store;
  crypto::RandomSource& random;
  Clock& clock;
  ChunkCoder& coder;
};

class Repository {
 public:
  // Makes a repository with one key. Fails with already_exists when there is one, and with unsafe
  // when there are archives without a config. secret: 32 bytes, or a password, as the slot's kind
  // says.
  static Status init(const Surroundings& around, const NewSlot& slot, const Secret& secret,
                     crypto::Suite suite = crypto::Suite::aes256_gcm);

  // Fails as init would when something is there already.
  static Status check_unused(ObjectStore& store);

  // Fails with not_found when there is none, with corrupt when there are archives without a config,
  // and with denied when the secret is not one of its.
  static Result<std::unique_ptr<Repository>> open(const Surroundings& around,
                                                  const KeySecret& secret,
                                                  const OpenOptions& options = {});

  const Access& access() const { return access_; }
  const Config& config() const { return config_; }
  ChunkIndex& index() { return index_; }
  ChunkReader& reader() { return reader_; }
  ChunkCoder& coder() { return coder_; }

  Result<History> history() const { return read_history(access_); }
  Result<Manifest> load(const ObjectName& manifest) const {
    return load_manifest(access_, manifest);
  }

  // All chunks of a stream, in order. 40 bytes each in memory.
  Result<std::vector<ChunkReference>> references(const Stream& stream);

  Result<Bytes> read_chunk(const ChunkId& id) { return reader_.read(id); }

 private:
  Repository(Access access, const Config& config, ChunkCoder& coder, const OpenOptions& options);

  Access access_;
  Config config_;
  ChunkCoder& coder_;
  ChunkIndex index_;
  ChunkReader reader_;
};

}  // namespace tidemark::repo
