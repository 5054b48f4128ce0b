// Lists of object names in payloads: a count (4 bytes), then the names.
#pragma once

#include <vector>

#include "repo/field_reader.h"
#include "repo/ids.h"

namespace tidemark::repo {

inline constexpr std::size_t kNameListMax = 1'000'000;

inline void put_names(Bytes& out, const std::vector<ObjectName>& names) {
  CHECK(names.size() <= kNameListMax);
  put_le(out, static_cast<std::uint32_t>(names.size()));
  for (const ObjectName& name : names) out += name.view();
}

inline std::vector<ObjectName> take_names(FieldReader& reader) {
  std::vector<ObjectName> names(reader.count<std::uint32_t>(kNameListMax, ObjectName::kBytes));
  for (ObjectName& name : names) name = ObjectName::from(reader.bytes(ObjectName::kBytes));
  return names;
}

}  // namespace tidemark::repo
