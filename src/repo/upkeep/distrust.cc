#include "repo/upkeep/distrust.h"

#include <algorithm>

#include "repo/lasting.h"
#include "repo/limits.h"
#include "repo/name_list.h"

namespace tidemark::repo {
namespace {

constexpr std::size_t kDistrustBytesMax = sizeof(std::int64_t) + sizeof(std::uint32_t) +
                                          kDistrustPacksMax * ObjectName::kBytes + kSealBytes;

void sort_names(std::vector<ObjectName>& names) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
}

// ascending may be all there are, in as many records as it takes.
Status put_records(const Access& access, const std::vector<ObjectName>& ascending) {
  for (std::size_t at = 0; at < ascending.size(); at += kDistrustPacksMax) {
    const auto first = ascending.begin() + static_cast<std::ptrdiff_t>(at);
    const std::size_t count = std::min(kDistrustPacksMax, ascending.size() - at);
    const Distrust part{.moment = access.clock.now(),
                        .packs = {first, first + static_cast<std::ptrdiff_t>(count)}};
    TRY(access.put(ObjectType::distrust, encode_distrust(part)));
  }
  return Done{};
}

}  // namespace

Bytes encode_distrust(const Distrust& distrust) {
  Bytes payload;
  put_le(payload, distrust.moment.time_since_epoch().count());
  put_names(payload, distrust.packs);
  return payload;
}

Result<Distrust> decode_distrust(ByteView payload) {
  FieldReader reader(payload);
  Distrust distrust;
  distrust.moment = TimePoint(Millis(reader.integer<std::int64_t>()));
  distrust.packs = take_names(reader);
  const auto& packs = distrust.packs;
  const bool ascending =
      std::adjacent_find(packs.begin(), packs.end(), std::greater_equal<>()) == packs.end();
  if (reader.at_end() && ascending && packs.size() <= kDistrustPacksMax) return distrust;
  return Error{ErrorKind::corrupt, "the record of damage is not well formed"};
}

bool Distrusts::contains(const ObjectName& pack) const {
  return std::binary_search(packs.begin(), packs.end(), pack);
}

Result<Distrusts> read_distrusts(const Access& access) {
  Distrusts all;
  for (const ObjectName& name : TRY(names_of(access.store, ObjectType::distrust))) {
    const auto payload = access.open(ObjectType::distrust, name, kDistrustBytesMax);
    // Taken back beside us.
    if (!payload && payload.error().kind == ErrorKind::not_found) continue;
    if (!payload && !lasting(payload.error())) return payload.error();
    auto distrust = payload ? decode_distrust(payload->value_or(Bytes())) : payload.error();
    if (!distrust) {
      all.unreadable.push_back(
          {name, in_context(shown(ObjectType::distrust, name), distrust.error())});
      continue;
    }
    all.packs.insert(all.packs.end(), distrust->packs.begin(), distrust->packs.end());
    all.records.push_back({name, *std::move(distrust)});
  }
  sort_names(all.packs);
  return all;
}

Status distrust_packs(const Access& access, std::vector<ObjectName> packs) {
  if (packs.empty()) return Done{};
  const Distrusts known = TRY(read_distrusts(access));
  std::erase_if(packs, [&](const ObjectName& pack) { return known.contains(pack); });
  sort_names(packs);
  return put_records(access, packs);
}

// What is still to be distrusted of a record stands in another one before it goes.
Status trust_packs(const Access& access, const std::vector<ObjectName>& packs) {
  if (packs.empty()) return Done{};
  for (const StoredDistrust& record : TRY(read_distrusts(access)).records) {
    std::vector<ObjectName> left = record.distrust.packs;
    std::erase_if(left, [&](const ObjectName& pack) {
      return std::find(packs.begin(), packs.end(), pack) != packs.end();
    });
    if (left.size() == record.distrust.packs.size()) continue;
    TRY(put_records(access, left));
    TRY(access.store.remove(key_of(ObjectType::distrust, record.name)));
  }
  return Done{};
}

Status replace_unreadable(const Access& access, const std::vector<UnreadableDistrust>& records) {
  for (const UnreadableDistrust& record : records)
    TRY(access.store.remove(key_of(ObjectType::distrust, record.name)));
  return Done{};
}

}  // namespace tidemark::repo
