// The steps of a restore, of its rollback and of the retirement of what it replaced: what is to be
// done next, decided from what the service shows now and from nothing else. So a restore that was
// stopped anywhere, or is run by somebody else, simply goes on. Pure.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "base/result.h"
#include "core/instance_settings.h"
#include "core/restore_mark.h"

namespace tidemark::core {

// An instance as the service shows it.
struct SeenInstance {
  std::string id;
  std::string resource_id;
  std::string arn;
  std::string status;
  std::string address;  // of its endpoint; empty while it has none
  InstanceSettings settings;
  // Names of settings that are on their way, as in docs/snapshot-tags.md; also "identifier" and
  // "password".
  std::set<std::string> pending;
  bool reboot_pending = false;  // a parameter group waits for a restart
  std::optional<TimePoint> created;
  std::optional<TimePoint> latest_restorable;
  std::vector<std::string> replicas;

  // RDS copies tags to snapshots and to what is restored from them: another's mark is none.
  std::optional<RestoreMark> mark() const {
    auto mark = read_mark(settings.tags);
    const bool is_copy = mark && !mark->bearer.empty() && mark->bearer != resource_id;
    return is_copy ? std::nullopt : mark;
  }
};

// What a restore shall reach.
struct RestoreGoal {
  std::string operation;    // operation_name() of when it began
  std::string identifier;   // the instance to be made
  bool in_place = true;     // whether an instance of that identifier may give way
  std::string gives_way;    // its DbiResourceId; empty: none had the identifier
  std::string origin;       // a snapshot's id, or origin_of_time()
  std::string time_source;  // for a time: DbiResourceId of the automated backups
  std::string aside;        // what the instance that gives way is to be called
  SettingsChoice choice = SettingsChoice::current;
  RestoreOptions options = {};  // remembered with it
  InstanceSettings wanted;
  std::string
      upgrade_to;      // the PostgreSQL version that the snapshot is upgraded to first, or empty
  std::string safety;  // name of the snapshot of what gives way; empty: none wanted
  std::set<std::string> unattainable = {};  // settings that the service refused: left as they are
  bool set_password = false;
  bool run_checks = true;
  bool run_hook = false;
  bool warm_up = false;
};

// What the service shows of it.
struct RestoreFacts {
  std::optional<SeenInstance> target;    // has the identifier now
  std::optional<SeenInstance> replaced;  // gives, or gave, way; may be the target still
  std::string origin_status;             // of the snapshot; "gone" when there is none any more
  std::string origin_version;            // of its PostgreSQL
  std::string safety_status;             // empty: not taken yet
  std::string aside_holder = {};         // DbiResourceId of another that has the name aside
};

enum class RestoreAct {
  upgrade,    // the snapshot, to a version that RDS still restores
  claim,      // mark the instance that gives way
  safeguard,  // take the safety snapshot
  rename,     // the instance that gives way, to its name aside; in a rollback, back
  create,     // restore under the identifier
  modify,     // settings that the restore call could not carry
  add_roles,
  add_tags,
  reboot,
  password,
  check,
  hook,
  warm_up,
  finish,      // mark it as done
  discard,     // rollback: mark the restored instance, then rename it away
  destroy,     // rollback: delete what was restored and never came up; retire: delete what was
               // replaced
  unprotect,   // retire: lift deletion protection
  keep_final,  // retire: tag the final snapshot
  unmark,      // rollback: take the marks off the instance that is back
  wait,
  stop,  // it cannot go on: see the error
  finished,
};

std::string_view act_name(RestoreAct act);

struct NextStep {
  RestoreAct act;
  std::string subject = {};         // of whom, or what is waited for
  std::optional<Error> error = {};  // with stop
};

// Whether this instance was made by this restore.
bool is_restored(const std::optional<SeenInstance>& instance, const std::string& operation);

NextStep next_restore_step(const RestoreGoal& goal, const RestoreFacts& facts);

// What a rollback needs to know: the instance that was replaced, and who has its identifier now.
struct RollbackFacts {
  SeenInstance replaced;  // carries the mark
  std::optional<SeenInstance> target;
};

NextStep next_rollback_step(const RollbackFacts& facts);

struct RetireFacts {
  std::optional<SeenInstance> victim;  // a replaced or discarded instance; gone once it is deleted
  std::string final_snapshot;          // its name; empty when none is wanted
  std::string final_status;            // the service's word; empty when there is none yet
  bool final_tagged = false;
  // Whether the instance that lives on names the final snapshot, too: once the victim is gone,
  // nothing else does.
  bool announced = true;
};

// Why an instance that a restore put aside is not deleted all the same: whoever renamed it may be
// using it. Empty when nothing speaks against it.
std::string why_kept(const SeenInstance& instance);

NextStep next_retire_step(const RetireFacts& facts);

// Where a restore stands, in one sentence that says what runs and what the identifier leads to.
std::string standing_text(const std::string& identifier, const RestoreFacts& facts,
                          const std::string& operation);

}  // namespace tidemark::core
