#include "repo/writer.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/log.h"
#include "repo/lasting.h"
#include "repo/limits.h"
#include "repo/upkeep/distrust.h"
#include "repo/upkeep/mark.h"

namespace tidemark::repo {
namespace {

bool contains(const std::vector<ObjectName>& ascending, const ObjectName& name) {
  return std::binary_search(ascending.begin(), ascending.end(), name);
}

bool is_in(const std::vector<ChunkId>& ids, const ChunkId& id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

constexpr int kSpreadShare = 4;  // chains end within the last quarter of the greatest depth
constexpr std::size_t kAncestorsMax = 1024;

}  // namespace

Writer::Writer(Repository& repository, std::unique_ptr<Lease> lease, const WriterOptions& options)
    : repository_(repository),
      access_(repository.access()),
      options_(options),
      lease_(std::move(lease)),
      reliable_(repository.index(),
                [this](const ChunkPlace& place) { return reliable(place.pack); }),
      rows_(access_, repository.index(), *lease_),
      lists_(access_, repository.index(), *lease_) {}

Result<std::unique_ptr<Writer>> Writer::begin(Repository& repository, const std::string& owner,
                                              const WriterOptions& options) {
  CHECK(options.depth_max <= kChainMax);
  // The lease first: a prune that does not see it has stored its marks already, and we read them.
  auto lease = TRY(Lease::acquire(repository.access(), LeaseKind::writer, owner));
  std::unique_ptr<Writer> writer(new Writer(repository, std::move(lease), options));
  const Status looked = writer->look_around();
  if (looked) return writer;
  discard(writer->abandon(), "the error that ended it matters more; the lease dies of age");
  return looked.error();
}

Status Writer::look_around() {
  marked_ = marked_packs(TRY(read_marks(access_)));
  const Distrusts distrusts = TRY(read_distrusts(access_));
  // Without it no archive would be made any more, and verify finds again what it said.
  for (const UnreadableDistrust& record : distrusts.unreadable)
    log::warning("what it says of damaged packs is not known", {{"reason", record.reason.message}});
  distrusted_.insert(distrusts.packs.begin(), distrusts.packs.end());
  std::vector<std::pair<ObjectName, std::uint64_t>> packs;
  TRY(list_named(access_.store, ObjectType::pack,
                 [&](const ObjectName& name, const ObjectInfo& info) -> Status {
                   packs.emplace_back(name, info.size);
                   return Done{};
                 }));
  TRY(repository_.index().refresh());
  for (const auto& [name, bytes] : packs) {
    const auto whole = repository_.index().bytes_of_pack(name);
    if (!whole || *whole == bytes)
      listed_.push_back(name);
    else
      log::warning(fmt::format("{} is damaged: what it holds is stored again",
                               shown(ObjectType::pack, name)),
                   {{"bytes", fmt::format("{} of {}", bytes, *whole)}});
  }
  std::sort(listed_.begin(), listed_.end());
  return Done{};
}

// Whether a chunk in this pack is as good as stored. A pack that the listing leaves out may be
// gone: what is in it is stored once more, which costs little and never loses anything.
bool Writer::reliable(const ObjectName& pack) const {
  if (contains(marked_, pack)) return false;
  {
    const std::lock_guard lock(distrust_mutex_);
    if (distrusted_.contains(pack)) return false;
  }
  return contains(listed_, pack) || rows_.stored(pack) || lists_.stored(pack);
}

// One of these chunks, or what they hang on, cannot be read; which pack is to blame is not looked
// for. What all of them hold is stored once more when it comes again.
Status Writer::distrust(const std::vector<ChunkId>& damaged) {
  std::vector<ChunkId> open = damaged;
  std::set<ChunkId> seen;
  while (!open.empty() && seen.size() < kAncestorsMax) {
    const ChunkId id = open.back();
    open.pop_back();
    if (!seen.insert(id).second) continue;
    for (const ChunkPlace& place : TRY(repository_.index().find(id))) {
      open.insert(open.end(), place.entry.bases.begin(), place.entry.bases.end());
      const std::lock_guard lock(distrust_mutex_);
      distrusted_.insert(place.pack);
    }
  }
  reliable_.forget();
  return Done{};
}

Result<bool> Writer::known(const ChunkId& id) {
  if (rows_.holds(id) || lists_.holds(id)) return true;
  return TRY(reliable_.place(id)).has_value();
}

// The depth at which a chunk is no base any more. It differs from chunk to chunk, so that the
// chunks of a table whose every part changes daily do not all come to their end on the same day.
std::uint8_t Writer::last_depth(const ChunkId& id) const {
  const int spread = options_.depth_max / kSpreadShare + 1;
  return static_cast<std::uint8_t>(options_.depth_max -
                                   static_cast<unsigned char>(id.bytes[0]) % spread);
}

// Adds what the chains of these chunks begin with: whole chunks, in the order of their rows.
Status Writer::add_roots(const ChunkPlace& end, std::vector<ChunkId>& roots) {
  std::vector<ChunkPlace> open{end};
  std::set<ChunkId> seen;  // chains cross one another
  while (!open.empty() && seen.size() < kAncestorsMax) {
    const ChunkPlace place = std::move(open.back());
    open.pop_back();
    if (!seen.insert(place.entry.id).second) continue;
    if (place.entry.bases.empty() && !is_in(roots, place.entry.id)) roots.push_back(place.entry.id);
    for (auto base = place.entry.bases.rbegin(); base != place.entry.bases.rend(); ++base)
      if (auto found = TRY(reliable_.place(*base))) open.push_back(*std::move(found));
  }
  return Done{};
}

// The bases, which go into the entry; none when one of them is not to be relied on, cannot be read,
// or would make the chain too long. Where a chain is at its end, its beginning is the base: after a
// month most rows are still those.
Result<std::vector<SharedChunk>> Writer::bases_for(PackEntry& entry,
                                                   const std::vector<ChunkId>& wanted) {
  const std::vector<SharedChunk> none;
  std::vector<ChunkId> bases;
  std::uint8_t depth = 0;
  for (const ChunkId& base : wanted) {
    const auto place = TRY(reliable_.place(base));
    if (!place) return none;
    if (place->entry.depth >= last_depth(base)) {
      TRY(add_roots(*place, bases));
    } else if (!is_in(bases, base)) {
      bases.push_back(base);
      depth = std::max(depth, place->entry.depth);
    }
  }
  if (bases.empty() || bases.size() > kBasesMax) return none;
  auto chunks = repository_.reader().read_bases(bases);
  if (!chunks && lasting(chunks.error())) {
    log::warning("an older chunk cannot be read; the new one is stored whole",
                 {{"reason", chunks.error().message}});
    TRY(distrust(bases));
    return none;
  }
  if (!chunks) return chunks;
  entry.bases = bases;
  entry.depth = static_cast<std::uint8_t>(depth + 1);
  return chunks;
}

Result<ChunkId> Writer::add_chunk(ByteView plain, const std::vector<ChunkId>& bases) {
  // A day on which nothing changed stores nothing, and is kept alive here.
  const Status alive = lease_->keep();
  Result<ChunkId> id = alive ? add_to(rows_, plain, bases) : Result<ChunkId>(alive.error());
  if (!id) failed_ = true;
  return id;
}

Result<ChunkId> Writer::add_to(PackQueue& queue, ByteView plain,
                               const std::vector<ChunkId>& bases) {
  if (plain.empty() || plain.size() > kPlainChunkBytesMax)
    return Error{ErrorKind::invalid_input, fmt::format("a chunk of {} bytes", plain.size())};
  PackEntry entry;
  entry.id = access_.sealer.chunk_id(plain);
  entry.plain_bytes = static_cast<std::uint32_t>(plain.size());
  if (TRY(known(entry.id))) {
    count(nullptr, plain.size());
    return entry.id;
  }
  const auto chunks = TRY(bases_for(entry, bases));
  const Encoded encoded = TRY(repository_.coder().encode(plain, chunks));
  if (!encoded.uses_bases) {
    entry.bases.clear();
    entry.depth = 0;
  }
  const bool stored = TRY(queue.add(entry, encoded.bytes));
  count(stored ? &entry : nullptr, plain.size());
  return entry.id;
}

void Writer::count(const PackEntry* stored, std::size_t plain_bytes) {
  const std::lock_guard lock(mutex_);
  tally_.plain_bytes += plain_bytes;
  ++(stored != nullptr ? tally_.chunks_new : tally_.chunks_known);
  if (stored != nullptr && stored->depth > 0) ++tally_.differences;
}

Status Writer::add_stream(Stream stream, const std::vector<ChunkReference>& references) {
  stream.level = references.size() > kInlineReferencesMax ? 1 : 0;
  stream.references = references;
  if (stream.level == 1) {
    stream.references.clear();
    for (const auto& list : cut_references(references)) {
      const Result<ChunkId> id = add_to(lists_, encode_references(list), {});
      if (!id) failed_ = true;
      stream.references.push_back({TRY(id), 0});
    }
  }
  const std::lock_guard lock(mutex_);
  streams_.push_back(std::move(stream));
  return Done{};
}

Result<Manifest> Writer::manifest_of(const ArchiveFacts& facts) {
  const History history = TRY(read_history(access_));
  Manifest manifest{.previous = history.heads(),
                    .moment = facts.moment,
                    .written = access_.clock.now(),
                    .source = facts.source,
                    .tool_version = facts.tool_version,
                    .facts = facts.facts,
                    .streams = std::move(streams_)};
  for (const auto& [name, archive] : history.archives)
    manifest.sequence = std::max(manifest.sequence, archive.sequence);
  ++manifest.sequence;
  std::sort(manifest.streams.begin(), manifest.streams.end(),
            [](const Stream& left, const Stream& right) { return left.name < right.name; });
  return manifest;
}

Result<ObjectName> Writer::commit(const ArchiveFacts& facts) {
  // Also once it has committed: there is nothing to do twice.
  if (failed_.exchange(true))
    return Error{ErrorKind::conflict, "an archive that failed cannot be committed"};
  TRY(rows_.flush());
  TRY(lists_.flush());
  TRY(lease_->keep());
  TRY(repository_.index().flush());
  const Manifest manifest = TRY(manifest_of(facts));
  const Bytes payload = TRY(encode_manifest(manifest));
  TRY(lease_->ensure_held());
  const ObjectName name = TRY(access_.put(ObjectType::manifest, payload));
  // After the put: a re-key stores its slots before it looks which archives there are.
  TRY(check_generation(access_.store, access_.sealer));
  const Status held = lease_->ensure_held();
  if (!held)
    return Error{ErrorKind::conflict,
                 fmt::format("{} was stored after this writer's lease had lapsed: a prune beside "
                             "it may have taken what it relies on",
                             shown(ObjectType::manifest, name)),
                 "verify that archive, and make another one"};
  const Status released = lease_->release();
  if (!released)
    log::warning("the lease could not be ended", {{"reason", released.error().message}});
  return name;
}

WriterTally Writer::tally() const {
  const std::lock_guard lock(mutex_);
  WriterTally tally = tally_;
  tally.stored_bytes = rows_.stored_bytes() + lists_.stored_bytes();
  return tally;
}

}  // namespace tidemark::repo
