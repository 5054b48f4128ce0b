#include "repo/upkeep/check.h"

#include <algorithm>

#include <fmt/format.h>

#include "repo/limits.h"
#include "repo/lock/lease_record.h"
#include "repo/upkeep/distrust.h"
#include "repo/upkeep/hold.h"
#include "repo/upkeep/mark.h"

namespace tidemark::repo {
namespace {

class Checker {
 public:
  Checker(Repository& repository, CheckReport& report)
      : repository_(repository), access_(repository.access()), report_(report) {}

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
    return check_archives();
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
    for (const ObjectType type : {ObjectType::key_slot, ObjectType::key_ring, ObjectType::pack,
                                  ObjectType::index, ObjectType::manifest, ObjectType::mark,
                                  ObjectType::removal, ObjectType::hold, ObjectType::distrust})
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
      report_.damaged_packs.push_back(name);
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
      if (at == present_.end() || at->second == pack.bytes) return Done{};
      report_.damaged_packs.push_back(pack.name);
      find(fmt::format("{} has {} bytes, and the index says {}", shown(ObjectType::pack, pack.name),
                       at->second, pack.bytes));
      return Done{};
    });
  }

  // A damaged pack that no archive needs any more harms nobody: the next prune takes it.
  Status check_archives() {
    Needs needs = TRY(find_needs(repository_));
    report_.damaged = std::move(needs.hurt);
    report_.chunks = needs.chunks;
    report_.findings.insert(report_.findings.end(), needs.findings.begin(), needs.findings.end());
    const Distrusts distrusts = TRY(read_distrusts(access_));
    for (const UnreadableDistrust& record : distrusts.unreadable)
      report_.findings.push_back(record.reason);
    report_.distrusted_packs = static_cast<std::uint64_t>(
        std::count_if(distrusts.packs.begin(), distrusts.packs.end(),
                      [&](const ObjectName& pack) { return present_.contains(pack); }));
    if (report_.distrusted_packs == 0) return Done{};
    report_.doubtful = TRY(find_needs(repository_, [&](const ChunkPlace& place) {
                         return distrusts.contains(place.pack);
                       })).hurt;
    // Without what is lost for certain.
    std::erase_if(report_.doubtful,
                  [&](const auto& one) { return report_.damaged.contains(one.first); });
    return Done{};
  }

  Repository& repository_;
  const Access& access_;
  CheckReport& report_;
  std::map<ObjectName, std::uint64_t> present_;
};

}  // namespace

Result<CheckReport> check(Repository& repository) {
  CheckReport report;
  TRY(Checker(repository, report).run());
  return report;
}

}  // namespace tidemark::repo
