#include "repo/upkeep/verify.h"

#include <unordered_set>

#include "repo/lasting.h"
#include "repo/limits.h"
#include "repo/upkeep/distrust.h"

namespace tidemark::repo {
namespace {

using Progress = std::function<Status(const VerifyReport&)>;

// Reads packs to the last byte.
class Verifier {
 public:
  Verifier(Repository& repository, VerifyReport& report)
      : repository_(repository), access_(repository.access()), report_(report) {}

  Status run(const Sample& sample, const Progress& progress) {
    const Distrusts distrusts = TRY(read_distrusts(access_));
    for (const UnreadableDistrust& one : distrusts.unreadable)
      report_.findings.push_back(one.reason);
    const auto packs = TRY(names_of(access_.store, ObjectType::pack));
    report_.packs = packs.size();
    TRY(repository_.index().refresh());
    for (const ObjectName& name : packs)
      if (name.prefix() % sample.days == sample.day % sample.days || distrusts.contains(name))
        wanted_.insert(name);
    while (!wanted_.empty()) {
      const ObjectName name = wanted_.extract(wanted_.begin()).value();
      read_.insert(name);
      TRY(read_pack(name));
      if (progress) TRY(progress(report_));
    }
    for (const ObjectName& pack : report_.damaged_packs) TRY(find_lost(pack));
    report_.damaged = TRY(find_needs(repository_, [&](const ChunkPlace& place) {
                        return lost_.contains(place.entry.id);
                      })).hurt;
    record(distrusts, sample.days == 1);
    return Done{};
  }

 private:
  Status read_pack(const ObjectName& name) {
    const Status read = for_each_chunk(access_.store, access_.sealer, name,
                                       [&](const ChunkPlace& place, const Bytes& encoded) {
                                         return read_chunk(name, place, encoded);
                                       });
    // One that is gone, by a prune beside us or not, is missed by the archives that need it.
    if (!read && read.error().kind == ErrorKind::not_found) return Done{};
    if (!read && read.error().kind != ErrorKind::corrupt) return read;
    ++report_.packs_read;
    if (read) {
      whole_.push_back(name);
      return Done{};
    }
    report_.findings.push_back(read.error());
    report_.damaged_packs.push_back(name);
    return Done{};
  }

  Status read_chunk(const ObjectName& pack, const ChunkPlace& place, const Bytes& encoded) {
    ++report_.chunks_read;
    report_.bytes_read += place.entry.stored_bytes;
    const auto plain = repository_.reader().decode(place.entry, encoded);
    if (plain) return Done{};
    if (!lasting(plain.error())) return plain.error();
    if (TRY(bases_can_be_read(place.entry)))
      return Error{ErrorKind::corrupt,
                   in_context(shown(ObjectType::pack, pack), plain.error()).message};
    // A difference to what is gone. If nothing needs it, a prune took the base and left it here.
    lost_.insert(place.entry.id);
    return Done{};
  }

  // Where it is not, the packs that should have them are looked at too.
  Result<bool> bases_can_be_read(const PackEntry& entry) {
    bool all = true;
    for (const ChunkId& base : entry.bases) {
      const auto read = repository_.read_chunk(base);
      if (read) continue;
      if (!lasting(read.error())) return read.error();
      all = false;
      for (const ChunkPlace& place : TRY(repository_.index().find(base)))
        if (!read_.contains(place.pack)) wanted_.insert(place.pack);
    }
    return all;
  }

  // What of a damaged pack can be had from nowhere.
  Status find_lost(const ObjectName& name) {
    const auto facts = TRY(repository_.index().pack(name));
    if (!facts) return Done{};  // nobody relies on what no index names
    for (const PackEntry& entry : facts->entries) {
      const auto read = repository_.read_chunk(entry.id);
      if (!read && !lasting(read.error())) return read.error();
      if (!read) lost_.insert(entry.id);
    }
    return Done{};
  }

  // Whoever may only read can verify as well.
  void record(const Distrusts& before, bool all_read) {
    Status recorded = distrust_packs(access_, report_.damaged_packs);
    std::erase_if(whole_, [&](const ObjectName& pack) { return !before.contains(pack); });
    if (recorded) recorded = trust_packs(access_, whole_);
    if (recorded && all_read) recorded = replace_unreadable(access_, before.unreadable);
    if (!recorded) report_.unrecorded = recorded.error();
  }

  Repository& repository_;
  const Access& access_;
  VerifyReport& report_;
  std::set<ObjectName> wanted_;
  std::unordered_set<ObjectName> read_;
  std::vector<ObjectName> whole_;
  std::unordered_set<ChunkId> lost_;  // that no pack gives
};

}  // namespace

Result<VerifyReport> verify(Repository& repository, const Sample& sample,
                            const Progress& progress) {
  CHECK(sample.days > 0);
  VerifyReport report;
  TRY(Verifier(repository, report).run(sample, progress));
  return report;
}

}  // namespace tidemark::repo
