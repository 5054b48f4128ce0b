// The names that files have in a folder on disk, made of their keys; and back.
//
// A key is any bytes; "../x", "/x", "a//b" and "a" beside "a/b" are all keys, and none of them must
// lead out of the folder. docs/manual/files.md, "Names on disk", has the rules. In short: parts
// between slashes become folders, and
//   %XX  is a byte that cannot stand in a name: control characters, %, and the dots of "." and ".."
//   %    alone is an empty part
//   %d   at its end tells a folder from the file of the same name beside it
//   %+   at its end says that a part goes on in the next one, because it is too long for a name
// Pure.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace tidemark::files {

inline constexpr std::size_t kNameBytesMax = 200;  // of a part; disks take 255

// Each key's parts, the last of which is the file's name. Keys come in the order of their bytes.
class FolderNames {
 public:
  std::vector<std::string> parts_of(const std::string& key);

 private:
  bool is_a_file(const std::string& key) const;

  std::vector<std::string> beginnings_;  // keys that the last one begins with, shortest first
};

// The key of these parts. Fails with invalid_input when they are of no key.
Result<std::string> key_of(const std::vector<std::string>& parts);

}  // namespace tidemark::files
