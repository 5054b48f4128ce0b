// The daemon: a pass, a heartbeat, a sleep, until it is asked to stop.
//
// It keeps nothing in memory that a restart would lose: each pass decides from what the service
// shows. Two daemons on one source meet the same snapshot names, so neither makes a second point.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "daemon/service_manager.h"
#include "ops/archive_rounds.h"
#include "ops/pass.h"

namespace tidemark::daemon {

struct DaemonOptions {
  ops::PassOptions pass;  // without a wait
  Seconds interval{300};  // between two looks, at most
  std::string health_file;
  // Archives are made by a thread of their own, so that a long one never holds up a snapshot.
  // Borrowed; absent: none are made.
  ops::ArchiveRounds* archives = nullptr;
  // Called once a day by a thread of its own; empty: never.
  std::function<void()> look_daily = {};
};

// Returns when it is asked to stop. Failures are logged and told to the health file, never fatal.
void run_daemon(const std::vector<ops::Source>& sources, const DaemonOptions& options,
                const ServiceManager& manager, Clock& clock);

// How long to sleep after a pass: until the next slot or the next look, whichever comes first, and
// shorter while a snapshot is in progress.
Seconds pause_after(const core::RunReport& report, Seconds interval);

}  // namespace tidemark::daemon
