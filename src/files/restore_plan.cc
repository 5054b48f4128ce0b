#include "files/restore_plan.h"

namespace tidemark::files {

namespace {

// Of what the copy is to be made.
void plan_copy(const KeyState& wanted, PlannedFile& planned) {
  planned.act = wanted.is_there || wanted.alike ? FileAct::copy : FileAct::lose;
  planned.version = wanted.is_there || !wanted.alike ? *wanted.file : *wanted.alike;
}

}  // namespace

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
  if (exists && ((wanted.is_there && seen.newest->id == wanted.file->id) ||
                 same_content(*seen.newest, *wanted.file)))
    planned.version = *wanted.file;
  else
    plan_copy(wanted, planned);
  return planned;
}

PlannedFile plan_elsewhere(const KeySeen& seen) {
  PlannedFile planned{.newest = seen.newest};
  if (seen.states.front().file) plan_copy(seen.states.front(), planned);
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
