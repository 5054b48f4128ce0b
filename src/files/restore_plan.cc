#include "files/restore_plan.h"

namespace tidemark::files {

PlannedFile plan_file(const KeySeen& seen) {
  PlannedFile planned{.newest = seen.newest};
  const bool exists = seen.newest && !seen.newest->is_marker;
  const KeyState& wanted = seen.states.front();
  if (!wanted.file) {
    if (!exists) return planned;
    planned.act = FileAct::mark;
    planned.version = *seen.newest;
    return planned;
  }
  planned.version = *wanted.file;
  if (exists && ((wanted.is_there && seen.newest->id == wanted.file->id) ||
                 same_content(*seen.newest, *wanted.file)))
    return planned;
  planned.act = FileAct::copy;
  if (wanted.is_there) return planned;
  if (wanted.alike)
    planned.version = *wanted.alike;
  else
    planned.act = FileAct::lose;
  return planned;
}

void PlanTotals::add(const PlannedFile& file) {
  switch (file.act) {
    case FileAct::nothing: ++unchanged; break;
    case FileAct::mark: ++marks; break;
    case FileAct::lose: ++lost; break;
    case FileAct::copy:
      ++copies;
      copied_bytes += file.version.size;
      break;
  }
}

}  // namespace tidemark::files
