// What is to be done next in a restore, in its rollback or in a retirement.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "core/seen_instance.h"

namespace tidemark::core {

enum class RestoreAct {
  upgrade,    // the snapshot, to a version that RDS still restores
  claim,      // mark the instance that gives way
  protect,    // it from deletion; in a rollback, again
  safeguard,  // take the safety snapshot
  rename,     // the instance that gives way, to its name aside; in a rollback, back
  create,     // restore under the identifier
  modify,     // settings that the restore call could not carry
  add_roles,
  add_tags,
  reboot,
  password,
  check,
  files,  // bring those of the bucket back
  hook,
  warm_up,
  finish,      // mark it as done
  discard,     // rollback: mark the restored instance, then rename it away
  destroy,     // rollback: delete what was restored and never came up; retire: delete what was
               // replaced
  unprotect,   // lift deletion protection
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

NextStep act(RestoreAct what, std::string subject = {});
NextStep wait_for(std::string what);
NextStep wait_for_status(const SeenInstance& instance);
NextStep stop(ErrorKind kind, std::string message, std::string hint);

}  // namespace tidemark::core
