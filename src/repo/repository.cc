#include "repo/repository.h"

#include <algorithm>

#include <fmt/format.h>

#include "repo/lasting.h"
#include "repo/limits.h"

namespace tidemark::repo {
namespace {

constexpr std::size_t kConfigBytesMax = 4096;

// Whether anything of this type is there.
Result<bool> any(ObjectStore& store, ObjectType type) {
  return !TRY(names_of(store, type)).empty();
}

RepositoryId fresh_id(crypto::RandomSource& random) {
  const Bytes raw = random.bytes(RepositoryId::kBytes);
  RepositoryId id;
  std::copy(raw.begin(), raw.end(), id.bytes.begin());
  return id;
}

Error exists_already(ObjectStore& store) {
  return Error{ErrorKind::already_exists,
               fmt::format("there is a repository in {} already", store.describe())};
}

void merge_into(std::vector<ObjectName>& all, const std::vector<ObjectName>& more) {
  all.insert(all.end(), more.begin(), more.end());
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
}

// What the rings of this generation say together: a re-key may write a second one. Others, left by
// one that was cut off, do not open under this root.
Result<KeyRing> read_ring(ObjectStore& store, crypto::RandomSource& random,
                          const RepositoryId& repository, const Unlocked& unlocked) {
  KeyRing ring;
  if (unlocked.generation == 1) return ring;
  Roots roots(unlocked.generation - 1, Secret(Bytes(kRootBytes, '\0')));  // unknown as yet
  roots.push_back(unlocked.root);
  const Sealer sealer(repository, roots, crypto::Suite::aes256_gcm, random);
  for (const ObjectName& name : TRY(names_of(store, ObjectType::key_ring))) {
    const auto object =
        get_named(store, ObjectType::key_ring, name, kSmallObjectBytesMax + kSealBytes);
    if (!object && lasting(object.error())) continue;
    if (!object) return object.error();
    const auto header = decode_header(*object, ObjectType::key_ring);
    if (!header || header->generation != unlocked.generation) continue;
    const auto opened = sealer.open(ObjectType::key_ring, *object);
    if (!opened) continue;
    KeyRing part = TRY(decode_key_ring(opened->payload));
    if (part.earlier.size() + 1 != unlocked.generation) continue;
    ring.earlier = std::move(part.earlier);
    merge_into(ring.manifests, part.manifests);
    merge_into(ring.indexes, part.indexes);
  }
  if (!ring.earlier.empty()) return ring;
  return Error{ErrorKind::corrupt,
               fmt::format("the key ring of generation {} is missing", unlocked.generation),
               "restore the folder 'keyrings' from an older version of the bucket"};
}

// A place where nothing was made yet, or a repository that lost its config.
Error no_config(ObjectStore& store) {
  const auto archives = any(store, ObjectType::manifest);
  if (!archives) return archives.error();
  if (!*archives)
    return Error{ErrorKind::not_found,
                 fmt::format("there is no repository in {}", store.describe()),
                 "make one with `tidemark repo init`, or check the place"};
  return Error{
      ErrorKind::corrupt,
      fmt::format("the config of the repository in {} is missing, and its archives are there",
                  store.describe()),
      "put the object `config` back from an older version of the bucket, or from a copy"};
}

}  // namespace

Status Repository::check_unused(ObjectStore& store) {
  const auto config = store.stat(kConfigKey);
  if (config) return exists_already(store);
  if (config.error().kind != ErrorKind::not_found) return config.error();
  for (const ObjectType type : {ObjectType::manifest, ObjectType::pack})
    if (TRY(any(store, type)))
      return Error{ErrorKind::unsafe,
                   fmt::format("{} has {}s, but no config: a repository whose config was deleted",
                               store.describe(), type_name(type)),
                   "restore the object 'config' from an older version, or choose another place"};
  return Done{};
}

Status Repository::init(const Surroundings& around, const NewSlot& slot, const Secret& secret,
                        crypto::Suite suite) {
  TRY(check_unused(around.store));
  const Sealer sealer(fresh_id(around.random), {Secret(around.random.bytes(kRootBytes))}, suite,
                      around.random);
  const ObjectName name = TRY(add_slot(around.store, slot, secret, sealer, around.random));
  const Bytes config = sealer.seal(ObjectType::config,
                                   encode_config({.created = around.clock.now(), .suite = suite}));
  const Status put = around.store.put(kConfigKey, config, storage::PutMode::create_only);
  if (put) return Done{};
  if (put.error().kind != ErrorKind::already_exists) return put.error();
  // Either the answer to our own put was lost, or somebody else was quicker.
  const Bytes stored = TRY(get_limited(around.store, kConfigKey, kConfigBytesMax));
  if (stored == config) return Done{};
  discard(around.store.remove(key_of(ObjectType::key_slot, name)),
          "a slot of a repository that does not exist opens nothing");
  return exists_already(around.store);
}

Repository::Repository(Access access, const Config& config, ChunkCoder& coder,
                       const OpenOptions& options)
    : access_(std::move(access)),
      config_(config),
      coder_(coder),
      index_(access_),
      reader_(access_, index_, coder, options.chunk_cache_bytes) {}

Result<std::unique_ptr<Repository>> Repository::open(const Surroundings& around,
                                                     const KeySecret& secret,
                                                     const OpenOptions& options) {
  const auto object = get_limited(around.store, kConfigKey, kConfigBytesMax);
  if (!object && object.error().kind == ErrorKind::not_found) return no_config(around.store);
  if (!object) return object.error();
  const auto repository = repository_of_config(*object);
  if (!repository) return in_context("config", repository.error());
  const Unlocked unlocked = TRY(unlock(around.store, *repository, secret));
  KeyRing ring = TRY(read_ring(around.store, around.random, *repository, unlocked));
  Roots roots = ring.earlier;
  roots.push_back(unlocked.root);
  const Sealer reading(*repository, roots, crypto::Suite::aes256_gcm, around.random);
  const auto opened = reading.open(ObjectType::config, *object);
  if (!opened) return in_context("config", opened.error());
  const Config config = TRY(decode_config(opened->payload));
  Access access{.store = around.store,
                .random = around.random,
                .clock = around.clock,
                .sealer = Sealer(*repository, roots, config.suite, around.random),
                .ring = std::move(ring),
                .cache = options.cache,
                .slot = unlocked.slot};
  std::unique_ptr<Repository> opened_repository(
      new Repository(std::move(access), config, around.coder, options));
  TRY(opened_repository->index_.refresh());
  return opened_repository;
}

Result<std::vector<ChunkReference>> Repository::references(const Stream& stream) {
  if (stream.level == 0) return stream.references;
  std::vector<ChunkReference> all;
  for (const ChunkReference& list : stream.references) {
    const Bytes plain = TRY(reader_.read(list.id));
    const auto part = TRY(decode_references(plain));
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

}  // namespace tidemark::repo
