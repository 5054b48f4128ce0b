// The steps of a restore: what is to be done next, decided from what the service shows now and from
// nothing else. So a restore that was stopped anywhere, or is run by somebody else, simply goes on.
// Pure.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "core/instance_settings.h"
#include "core/next_step.h"
#include "core/restore_mark.h"
#include "core/seen_instance.h"

namespace tidemark::core {

// What a restore shall reach.
struct RestoreGoal {
  std::string operation;               // operation_name() of when it began
  std::string identifier;              // the instance to be made
  bool in_place = true;                // whether an instance of that identifier may give way
  std::string gives_way;               // its DbiResourceId; empty: none had the identifier
  std::string origin;                  // a snapshot's id, origin_of_time() or kLatestOrigin
  std::string time_source;             // for a time: DbiResourceId of the automated backups
  std::optional<int> origin_gib = {};  // the storage that it comes with, if known
  std::string aside;                   // what the instance that gives way is to be called
  SettingsChoice choice = SettingsChoice::current;
  RestoreOptions options = {};  // remembered with it
  InstanceSettings wanted;
  std::string
      upgrade_to;      // the PostgreSQL version that the snapshot is upgraded to first, or empty
  std::string safety;  // name of the snapshot of what gives way; empty: none wanted
  std::set<std::string> unattainable = {};  // settings that the service refused: left as they are
  bool set_password = false;
  bool run_checks = true;
  bool bring_files = false;  // of the source's bucket, to the same moment
  bool run_hook = false;
  bool warm_up = false;
  std::string source = {};  // its name in the configuration, for commands
};

// What the service shows of it.
struct RestoreFacts {
  std::optional<SeenInstance> target;    // has the identifier now
  std::optional<SeenInstance> replaced;  // gives, or gave, way; may be the target still
  std::string origin_status;             // of the snapshot; "gone" when there is none any more
  std::string origin_version;            // of its PostgreSQL
  std::string safety_status;             // empty: not taken yet
  std::string aside_holder = {};         // DbiResourceId of another that has the name aside
  bool was_claimed = false;  // what gives way bore this restore's mark, as this run has seen
};

// Whether this instance was made by this restore.
bool is_restored(const std::optional<SeenInstance>& instance, const std::string& operation);

// Whether this instance gives, or gave, way to this restore.
bool gives_way_to(const std::optional<SeenInstance>& instance, const std::string& operation);

NextStep next_restore_step(const RestoreGoal& goal, const RestoreFacts& facts);

// Where a restore stands, in one sentence that says what runs and what the identifier leads to.
// For the former only identifier, operation and in_place of the goal count.
std::string standing_text(const RestoreGoal& goal, const RestoreFacts& facts);
std::string standing_text(const std::string& identifier, const RestoreFacts& facts,
                          const std::string& operation);

// How what was restored is taken back, as the end of a sentence: by a rollback, where an instance
// gave way to it; else by deleting it, since it replaced nothing.
std::string take_back_text(const RestoreGoal& goal);

// The error of a restore that failed at that act, for whoever reads it at night: what failed, what
// runs now, and what to type. standing: standing_text() of what was seen last.
Error explained(Error error, RestoreAct failed, const RestoreGoal& goal, const RestoreFacts& facts,
                const std::string& standing);

}  // namespace tidemark::core
