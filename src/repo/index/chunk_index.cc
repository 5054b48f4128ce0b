#include "repo/index/chunk_index.h"

#include <limits>

#include <fmt/format.h>

#include "repo/limits.h"

namespace tidemark::repo {
namespace {

constexpr std::size_t kTailMax = 65'536;
// Runs grow by merging up to this; merging larger ones would need as much memory again.
constexpr std::size_t kRunMax = 1 << 20;
constexpr std::size_t kCacheBytes = 16 * kMiB;
constexpr std::uint32_t kNoObject = std::numeric_limits<std::uint32_t>::max();

// About what an entry takes in memory.
std::size_t memory_of(const PackFacts& pack) {
  std::size_t bytes = sizeof(PackFacts);
  for (const PackEntry& entry : pack.entries)
    bytes += sizeof(PackEntry) + entry.bases.size() * ChunkId::kBytes;
  return bytes;
}

}  // namespace

ChunkIndex::ChunkIndex(const Access& access)
    : access_(access), payloads_(kCacheBytes), facts_(kCacheBytes) {}

Status ChunkIndex::refresh() {
  const std::lock_guard lock(mutex_);
  return refresh_locked();
}

Status ChunkIndex::refresh_locked() {
  const auto names = TRY(names_of(access_.store, ObjectType::index));
  for (const ObjectName& name : names) {
    if (seen_.contains(name)) continue;
    const Status read = read_object(name);
    const bool absent = !read && read.error().kind == ErrorKind::not_found;
    if (!read && !absent && read.error().kind != ErrorKind::corrupt) return read.error();
    // A prune that runs beside us replaces index objects; what it removed stands in newer ones.
    if (!read && !absent) damaged_.push_back(read.error());
    if (!absent) seen_.insert(name);
  }
  return Done{};
}

Status ChunkIndex::read_object(const ObjectName& name) {
  const Bytes payload = TRY(payload_of(name));
  auto sections = decode_index(payload, access_.sealer.repository());
  if (!sections) return in_context(shown(ObjectType::index, name), sections.error());
  const auto object = static_cast<std::uint32_t>(objects_.size());
  objects_.push_back(name);
  for (const IndexSection& section : *sections) {
    const auto known = pack_numbers_.find(section.pack.name);
    if (known == pack_numbers_.end()) {
      place_pack(section.pack, object, section.offset);
    } else if (!unflushed_.contains(known->second)) {
      // The newer object outlives the older one when a prune rewrites the index.
      packs_[known->second] = {section.pack.name, object, section.offset, section.pack.bytes};
    }
  }
  return Done{};
}

// Empty for an object that does not count.
Result<Bytes> ChunkIndex::payload_of(const ObjectName& name) {
  auto payload = TRY(access_.open(ObjectType::index, name, kIndexBytesMax + kSealBytes));
  return payload ? *std::move(payload) : Bytes();
}

std::uint32_t ChunkIndex::place_pack(const PackFacts& pack, std::uint32_t object,
                                     std::uint32_t offset) {
  const auto number = static_cast<std::uint32_t>(packs_.size());
  packs_.push_back({pack.name, object, offset, pack.bytes});
  pack_numbers_.emplace(pack.name, number);
  for (std::uint32_t i = 0; i < pack.entries.size(); ++i)
    add_slot({pack.entries[i].id.prefix(), number, i});
  return number;
}

void ChunkIndex::add_slot(Slot slot) {
  tail_.emplace(slot.prefix, slot);
  if (tail_.size() >= kTailMax) seal_tail();
}

void ChunkIndex::seal_tail() {
  std::vector<Slot> run;
  run.reserve(tail_.size());
  for (const auto& [prefix, slot] : tail_) run.push_back(slot);
  tail_.clear();
  std::sort(run.begin(), run.end());
  // As in a merge sort: each entry is merged about as often as its run doubles.
  while (!runs_.empty() && runs_.back().size() < 2 * run.size() &&
         runs_.back().size() + run.size() <= kRunMax) {
    std::vector<Slot> merged(runs_.back().size() + run.size());
    std::merge(runs_.back().begin(), runs_.back().end(), run.begin(), run.end(), merged.begin());
    runs_.pop_back();
    run = std::move(merged);
  }
  runs_.push_back(std::move(run));
}

void ChunkIndex::collect(std::uint64_t prefix, std::vector<Slot>& out) const {
  const auto [first, last] = tail_.equal_range(prefix);
  for (auto at = first; at != last; ++at) out.push_back(at->second);
  for (const auto& run : runs_) {
    const auto range = std::equal_range(run.begin(), run.end(), Slot{prefix, 0, 0});
    out.insert(out.end(), range.first, range.second);
  }
}

Result<ChunkIndex::SharedFacts> ChunkIndex::facts_of(std::uint32_t number) {
  if (const auto found = unflushed_.find(number); found != unflushed_.end()) return found->second;
  if (const SharedFacts* known = facts_.find(number)) return *known;
  const Pack& pack = packs_[number];
  const Bytes* payload = payloads_.find(pack.object);
  if (payload == nullptr) {
    Bytes fetched = TRY(payload_of(objects_[pack.object]));
    const std::size_t bytes = fetched.size();
    payloads_.put(pack.object, std::move(fetched), bytes);
    payload = payloads_.find(pack.object);
  }
  const auto facts = std::make_shared<const PackFacts>(
      TRY(decode_section(*payload, pack.offset, access_.sealer.repository())));
  facts_.put(number, facts, memory_of(*facts));
  return SharedFacts(facts);
}

// Null for a pack that a prune has taken out of the index since we read it.
Result<ChunkIndex::SharedFacts> ChunkIndex::facts_if_there(std::uint32_t number) {
  Result<SharedFacts> facts = facts_of(number);
  if (!facts && facts.error().kind == ErrorKind::not_found) {
    TRY(refresh_locked());
    facts = facts_of(number);
  }
  if (!facts && facts.error().kind == ErrorKind::not_found) return SharedFacts();
  return facts;
}

Result<std::vector<ChunkPlace>> ChunkIndex::find(const ChunkId& id) {
  const std::lock_guard lock(mutex_);
  std::vector<Slot> slots;
  collect(id.prefix(), slots);
  std::vector<ChunkPlace> places;
  for (const Slot& slot : slots) {
    const auto facts = TRY(facts_if_there(slot.pack));
    if (facts && facts->entries.at(slot.ordinal).id == id)
      places.push_back(place_in(*facts, slot.ordinal));
  }
  std::sort(places.begin(), places.end(), [](const ChunkPlace& left, const ChunkPlace& right) {
    return std::tie(left.entry.depth, left.pack, left.ordinal) <
           std::tie(right.entry.depth, right.pack, right.ordinal);
  });
  return places;
}

Result<std::optional<PackFacts>> ChunkIndex::pack(const ObjectName& name) {
  const std::lock_guard lock(mutex_);
  const auto found = pack_numbers_.find(name);
  if (found == pack_numbers_.end()) return std::optional<PackFacts>();
  const SharedFacts facts = TRY(facts_if_there(found->second));
  return facts ? std::optional(*facts) : std::nullopt;
}

void ChunkIndex::add_pack(PackFacts pack) {
  const std::lock_guard lock(mutex_);
  if (pack_numbers_.contains(pack.name)) return;
  const std::uint32_t number = place_pack(pack, kNoObject, 0);
  unflushed_.emplace(number, std::make_shared<const PackFacts>(std::move(pack)));
}

Status ChunkIndex::flush() {
  const std::lock_guard lock(mutex_);
  while (!unflushed_.empty()) TRY(flush_locked());
  return Done{};
}

// One index object of what waits.
Status ChunkIndex::flush_locked() {
  Bytes payload;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> placed;  // pack, offset
  for (const auto& [number, facts] : unflushed_) {
    if (payload.size() >= kIndexTargetBytes) break;
    placed.emplace_back(number, static_cast<std::uint32_t>(payload.size()));
    put_section(payload, *facts);
  }
  const ObjectName name = TRY(access_.put(ObjectType::index, payload));
  seen_.insert(name);
  for (const auto& [number, offset] : placed) {
    packs_[number].object = static_cast<std::uint32_t>(objects_.size());
    packs_[number].offset = offset;
    unflushed_.erase(number);
  }
  objects_.push_back(name);
  return Done{};
}

Status ChunkIndex::for_each_pack(const std::function<Status(const PackFacts&)>& visit) {
  for (std::uint32_t number = 0;; ++number) {
    SharedFacts facts;
    {
      const std::lock_guard lock(mutex_);
      if (number >= packs_.size()) return Done{};
      facts = TRY(facts_if_there(number));
    }
    if (facts) TRY(visit(*facts));
  }
}

bool ChunkIndex::has_pack(const ObjectName& name) const {
  const std::lock_guard lock(mutex_);
  return pack_numbers_.contains(name);
}

std::optional<std::uint32_t> ChunkIndex::bytes_of_pack(const ObjectName& name) const {
  const std::lock_guard lock(mutex_);
  const auto found = pack_numbers_.find(name);
  if (found == pack_numbers_.end()) return {};
  return packs_[found->second].bytes;
}

std::size_t ChunkIndex::chunk_count() const {
  const std::lock_guard lock(mutex_);
  std::size_t count = tail_.size();
  for (const auto& run : runs_) count += run.size();
  return count;
}

std::size_t ChunkIndex::memory_bytes() const {
  const std::lock_guard lock(mutex_);
  constexpr std::size_t kNodeBytes = 64;  // of a hash table, about
  std::size_t bytes = tail_.size() * kNodeBytes + packs_.size() * (sizeof(Pack) + kNodeBytes);
  for (const auto& run : runs_) bytes += run.capacity() * sizeof(Slot);
  return bytes;
}

std::vector<ObjectName> ChunkIndex::objects() const {
  const std::lock_guard lock(mutex_);
  return objects_;
}

std::vector<Error> ChunkIndex::damaged() const {
  const std::lock_guard lock(mutex_);
  return damaged_;
}

}  // namespace tidemark::repo
