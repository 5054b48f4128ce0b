#include "core/next_step.h"

#include <fmt/format.h>

namespace tidemark::core {

std::string_view act_name(RestoreAct what) {
  switch (what) {
    case RestoreAct::upgrade: return "upgrade";
    case RestoreAct::claim: return "claim";
    case RestoreAct::protect: return "protect";
    case RestoreAct::safeguard: return "safety snapshot";
    case RestoreAct::rename: return "rename";
    case RestoreAct::create: return "restore";
    case RestoreAct::modify: return "settings";
    case RestoreAct::add_roles: return "roles";
    case RestoreAct::add_tags: return "tags";
    case RestoreAct::reboot: return "reboot";
    case RestoreAct::password: return "password";
    case RestoreAct::check: return "checks";
    case RestoreAct::files: return "files";
    case RestoreAct::hook: return "hook";
    case RestoreAct::warm_up: return "warm-up";
    case RestoreAct::finish: return "finish";
    case RestoreAct::discard: return "discard";
    case RestoreAct::destroy: return "delete";
    case RestoreAct::unprotect: return "unprotect";
    case RestoreAct::keep_final: return "keep final snapshot";
    case RestoreAct::unmark: return "unmark";
    case RestoreAct::wait: return "wait";
    case RestoreAct::stop: return "stop";
    case RestoreAct::finished: break;
  }
  return "finished";
}

NextStep act(RestoreAct what, std::string subject) { return {what, std::move(subject)}; }

NextStep wait_for(std::string what) { return {RestoreAct::wait, std::move(what)}; }

NextStep stop(ErrorKind kind, std::string message, std::string hint) {
  return {RestoreAct::stop, {}, Error{kind, std::move(message), std::move(hint)}};
}

NextStep wait_for_status(const SeenInstance& instance) {
  return wait_for(fmt::format("{} ({})", instance.id, instance.status));
}

}  // namespace tidemark::core
