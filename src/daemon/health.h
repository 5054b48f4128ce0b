// The health file: the daemon's heartbeat and verdict, for `tidemark health` and a container's
// HEALTHCHECK. It is a cache: losing it loses nothing.
#pragma once

#include <string>
#include <vector>

#include "core/run_report.h"

namespace tidemark::daemon {

struct SourceHealth {
  std::string source;
  bool healthy = false;
  bool catching_up = false;  // not healthy, but what is missing is being taken and not late
  std::string problem;       // the worst, or empty
  std::string hint;
};

struct Health {
  TimePoint written;
  TimePoint next_by;  // a daemon that lives has written again by then
  std::vector<SourceHealth> sources;
};

std::string health_path(const std::string& state_dir);

Health health_of(const core::RunReport& report, TimePoint next_by);

Status write_health(const std::string& path, const Health& health);
// Fails with not_found when no daemon has written yet, and with corrupt when it is not such a file.
Result<Health> read_health(const std::string& path);

}  // namespace tidemark::daemon
