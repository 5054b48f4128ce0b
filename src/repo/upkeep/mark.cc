#include "repo/upkeep/mark.h"

#include <algorithm>

#include "repo/limits.h"
#include "repo/name_list.h"

namespace tidemark::repo {
Bytes encode_mark(const Mark& mark) {
  Bytes payload;
  put_le(payload, mark.moment.time_since_epoch().count());
  put_names(payload, mark.manifests);
  put_names(payload, mark.packs);
  return payload;
}

Result<Mark> decode_mark(ByteView payload) {
  FieldReader reader(payload);
  Mark mark;
  mark.moment = TimePoint(Millis(reader.integer<std::int64_t>()));
  mark.manifests = take_names(reader);
  mark.packs = take_names(reader);
  if (!reader.at_end()) return Error{ErrorKind::corrupt, "the mark is not well formed"};
  return mark;
}

Result<std::vector<StoredMark>> read_marks(const Access& access) {
  std::vector<StoredMark> marks;
  TRY(list_named(access.store, ObjectType::mark,
                 [&](const ObjectName& name, const ObjectInfo& info) -> Status {
                   marks.push_back({name, info.modified, {}});
                   return Done{};
                 }));
  std::vector<StoredMark> read;
  for (StoredMark& mark : marks) {
    auto payload = access.open(ObjectType::mark, mark.name, kSmallObjectBytesMax);
    // A prune beside us has finished with it.
    if (!payload && payload.error().kind == ErrorKind::not_found) continue;
    if (!payload) return payload.error();
    if (!*payload) continue;
    Result<Mark> decoded = decode_mark(**payload);
    if (!decoded) return in_context(shown(ObjectType::mark, mark.name), decoded.error());
    mark.mark = *std::move(decoded);
    read.push_back(std::move(mark));
  }
  std::sort(read.begin(), read.end(), [](const StoredMark& left, const StoredMark& right) {
    return std::tie(left.stored, left.name) < std::tie(right.stored, right.name);
  });
  return read;
}

std::vector<ObjectName> marked_packs(const std::vector<StoredMark>& marks) {
  std::vector<ObjectName> packs;
  for (const StoredMark& mark : marks)
    packs.insert(packs.end(), mark.mark.packs.begin(), mark.mark.packs.end());
  std::sort(packs.begin(), packs.end());
  packs.erase(std::unique(packs.begin(), packs.end()), packs.end());
  return packs;
}

}  // namespace tidemark::repo
