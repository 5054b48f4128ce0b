#include "repo/upkeep/check.h"

#include <algorithm>

#include <fmt/format.h>

#include "repo/index/reachable.h"
#include "repo/lasting.h"
#include "repo/limits.h"
#include "repo/lock/lease_record.h"
#include "repo/upkeep/hold.h"
#include "repo/upkeep/inventory.h"
#include "repo/upkeep/mark.h"

namespace tidemark::repo {
namespace {

class Checker {
 public:
  Checker(Repository& repository, CheckReport& report)
      : repository_(repository),
        access_(repository.access()),
        report_(report),
        reachable_(repository.index(),
                   [this](const ObjectName& pack) { return present_.contains(pack); }) {}

  Status run() {
    TRY(check_keys());
    TRY(check_packs());
    TRY(check_index());
    const History history = TRY(repository_.history());
    report_.archives = history.archives.size();
    report_.findings.insert(report_.findings.end(), history.damaged.begin(), history.damaged.end());
    for (const ObjectName& name : history.missing)
      find(shown(ObjectType::manifest, name) + " is missing: a later archive names it");
    for (const ObjectName& name : history.ignored)
      find(shown(ObjectType::manifest, name) +
           " was made with the key from before a re-key, afterwards");
    for (const auto& [name, archive] : history.archives) TRY(check_archive(name));
    report_.chunks = sound_.size();
    return Done{};
  }

 private:
  void find(std::string message) {
    report_.findings.push_back(Error{ErrorKind::corrupt, std::move(message)});
  }

  Status check_keys() {
    const auto readable = TRY(list_slots(access_.store, access_.sealer.repository()));
    const auto slots = TRY(names_of(access_.store, ObjectType::key_slot));
    if (readable.size() != slots.size())
      find(fmt::format("{} of {} key slots cannot be read", slots.size() - readable.size(),
                       slots.size()));
    const auto marks = read_marks(access_);
    if (!marks && marks.error().kind != ErrorKind::corrupt) return marks.error();
    if (!marks) report_.findings.push_back(marks.error());
    const auto holds = read_holds(access_);
    if (!holds && holds.error().kind != ErrorKind::corrupt) return holds.error();
    if (!holds) report_.findings.push_back(holds.error());
    return access_.store.list({}, [&](const ObjectInfo& info) -> Status {
      if (!ours(info.key)) report_.foreign.push_back(info.key);
      return Done{};
    });
  }

  static bool ours(const std::string& key) {
    if (key == kConfigKey || parse_lease_key(key)) return true;
    constexpr std::size_t kDigits = 2 * ObjectName::kBytes;
    if (key.size() < kDigits) return false;
    const auto name = ObjectName::from_hex(key.substr(key.size() - kDigits));
    if (!name) return false;
    for (const ObjectType type :
         {ObjectType::key_slot, ObjectType::key_ring, ObjectType::pack, ObjectType::index,
          ObjectType::manifest, ObjectType::mark, ObjectType::removal, ObjectType::hold})
      if (key_of(type, *name) == key) return true;
    return false;
  }

  Status check_packs() {
    TRY(list_named(access_.store, ObjectType::pack,
                   [&](const ObjectName& name, const ObjectInfo& info) -> Status {
                     present_[name] = info.size;
                     ++report_.packs;
                     report_.pack_bytes += info.size;
                     return Done{};
                   }));
    TRY(repository_.index().refresh());
    for (const auto& [name, bytes] : present_) {
      if (repository_.index().has_pack(name)) continue;
      ++report_.unindexed_packs;
      const auto facts = fetch_pack_facts(access_.store, access_.sealer, name);
      if (facts || facts.error().kind == ErrorKind::not_found) continue;
      if (facts.error().kind != ErrorKind::corrupt) return facts.error();
      report_.findings.push_back(in_context(shown(ObjectType::pack, name), facts.error()));
    }
    return Done{};
  }

  // A pack that the index has and the store has not is no finding by itself: an archive that needs
  // it is. One of another size is.
  Status check_index() {
    const auto damaged = repository_.index().damaged();
    report_.findings.insert(report_.findings.end(), damaged.begin(), damaged.end());
    return repository_.index().for_each_pack([&](const PackFacts& pack) -> Status {
      const auto at = present_.find(pack.name);
      if (at != present_.end() && at->second != pack.bytes)
        find(fmt::format("{} has {} bytes, and the index says {}",
                         shown(ObjectType::pack, pack.name), at->second, pack.bytes));
      return Done{};
    });
  }

  Status check_archive(const ObjectName& name) {
    const Manifest manifest = TRY(repository_.load(name));
    for (const Stream& stream : manifest.streams) {
      std::uint64_t lost = 0;
      for (const ChunkReference& reference : stream.references)
        lost += TRY(lost_of(stream, reference.id));
      if (lost > 0) report_.damaged[name][stream.name] = lost;
    }
    return Done{};
  }

  // How many chunks cannot be had of what one reference names.
  Result<std::uint64_t> lost_of(const Stream& stream, const ChunkId& id) {
    if (!TRY(there(id))) return std::uint64_t{1};
    if (stream.level == 0 || sound_lists_.contains(id)) return std::uint64_t{0};
    const auto plain = repository_.read_chunk(id);
    if (!plain && !lasting(plain.error())) return plain.error();
    const auto chunks = plain ? decode_references(*plain) : plain.error();
    if (!chunks) {
      report_.findings.push_back(chunks.error());
      return std::uint64_t{1};
    }
    std::uint64_t lost = 0;
    for (const ChunkReference& chunk : *chunks) lost += TRY(there(chunk.id)) ? 0 : 1;
    if (lost == 0) sound_lists_.insert(id);
    return lost;
  }

  // Whether some pack that is there has the chunk, and so on for its bases.
  Result<bool> there(const ChunkId& id) {
    if (sound_.contains(id)) return true;
    if (!TRY(reachable_.place(id))) return false;
    sound_.add(id);
    return true;
  }

  Repository& repository_;
  const Access& access_;
  CheckReport& report_;
  std::map<ObjectName, std::uint64_t> present_;
  Reachable reachable_;
  LiveSet sound_;
  ListsRead sound_lists_;
};

// Reads packs to the last byte.
class Verifier {
 public:
  Verifier(Repository& repository, VerifyReport& report)
      : repository_(repository),
        report_(report),
        reachable_(repository.index(), [this](const ObjectName& pack) {
          return std::binary_search(packs_.begin(), packs_.end(), pack);
        }) {}

  Status run(const Sample& sample, const std::function<Status(const VerifyReport&)>& progress) {
    packs_ = TRY(names_of(repository_.access().store, ObjectType::pack));
    for (const ObjectName& name : packs_) {
      if (name.prefix() % sample.days != sample.day % sample.days) continue;
      ++report_.packs_read;
      if (!TRY(read_pack(name))) report_.damaged_packs.push_back(name);
      if (progress) TRY(progress(report_));
    }
    return Done{};
  }

 private:
  // False when something is wrong with it.
  Result<bool> read_pack(const ObjectName& name) {
    const Access& access = repository_.access();
    const Status read = for_each_chunk(access.store, access.sealer, name,
                                       [&](const ChunkPlace& place, const Bytes& encoded) {
                                         return read_chunk(name, place, encoded);
                                       });
    if (read) return true;
    if (!lasting(read.error())) return read.error();
    report_.findings.push_back(read.error());
    return false;
  }

  Status read_chunk(const ObjectName& pack, const ChunkPlace& place, const Bytes& encoded) {
    ++report_.chunks_read;
    report_.bytes_read += place.entry.stored_bytes;
    const auto plain = repository_.reader().decode(place.entry, encoded);
    if (plain || TRY(is_left_over(place.entry))) return Done{};
    return in_context(shown(ObjectType::pack, pack), plain.error());
  }

  // A difference whose base is gone, while nothing that is needed is: a prune took the base, and
  // left the difference in a pack that stays for other chunks.
  Result<bool> is_left_over(const PackEntry& entry) {
    bool bases = true;
    for (const ChunkId& base : entry.bases) bases = bases && TRY(reachable_.place(base));
    if (bases) return false;
    if (!nothing_lost_) nothing_lost_ = TRY(check(repository_)).sound();
    return *nothing_lost_;
  }

  Repository& repository_;
  VerifyReport& report_;
  std::vector<ObjectName> packs_;  // that are there, ascending
  Reachable reachable_;
  std::optional<bool> nothing_lost_;  // known when it was asked for
};

}  // namespace

Result<CheckReport> check(Repository& repository) {
  CheckReport report;
  TRY(Checker(repository, report).run());
  return report;
}

Result<VerifyReport> verify(Repository& repository, const Sample& sample,
                            const std::function<Status(const VerifyReport&)>& progress) {
  CHECK(sample.days > 0);
  VerifyReport report;
  TRY(repository.index().refresh());
  TRY(Verifier(repository, report).run(sample, progress));
  return report;
}

}  // namespace tidemark::repo
