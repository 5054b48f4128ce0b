// What a pass did, source by source: what the daemon logs, `run --once` prints and the health file
// remembers.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/source_plan.h"

namespace tidemark::core {

enum class Act {
  create,    // a snapshot was asked for
  complete,  // a snapshot became available
  condemn,
  reprieve,  // condemned, and wanted again
  remove,    // deleted for good
  archive,   // a database went into the repository
};

std::string_view act_name(Act act);

struct Event {
  Act act;
  std::string snapshot;        // or what the archive is of
  std::optional<Error> error;  // why it could not be done
};

struct SourceReport {
  SourcePlan plan;  // as the world stood at the end
  std::vector<Event> events;
  std::optional<Error> error;  // the source could not even be read

  bool failed() const;
};

struct RunReport {
  TimePoint started;
  TimePoint finished;
  std::vector<SourceReport> sources;

  bool failed() const;
};

}  // namespace tidemark::core
