// Keys: the names of objects, the same on every store.
//
// 1 to 512 bytes of a-z, 0-9, '.', '_', '-' and '/'; between the slashes are 1 to 255 bytes that
// do not begin with a dot. So a key is a path that cannot leave its folder, is the same on a disk
// that ignores case, needs no escape in a URL, and leaves names with a dot to the store itself.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"
#include "storage/object_store.h"

namespace tidemark::storage {

inline constexpr std::size_t kKeyBytesMax = 512;
inline constexpr std::size_t kKeyPartBytesMax = 255;

bool is_key(std::string_view text);

// Fail with invalid_input. A prefix is empty or how some key begins.
Status check_key(std::string_view key);
Status check_prefix(std::string_view prefix);

// What every store checks before it touches anything.
Status check_put(std::string_view key, ByteView body);
// Fails with corrupt when the object, of that size, ends before the range does.
Status check_range(std::string_view key, const ByteRange& range, std::uint64_t size);

}  // namespace tidemark::storage
