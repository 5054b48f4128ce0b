// Small files, whole: read within a limit, replaced atomically.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace tidemark {

// Fails with not_found, denied, or exhausted when it is larger than bytes_max. Works on pipes and
// on /dev/stdin as well.
Result<std::string> read_file(const std::string& path, std::size_t bytes_max);

// Writes beside the path, syncs file and folder, then renames: a reader sees the old content or the
// new one. mode is that of a new file, e.g. 0644.
Status replace_file(const std::string& path, std::string_view content, unsigned mode);

}  // namespace tidemark
