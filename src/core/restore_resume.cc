#include "core/restore_resume.h"

namespace tidemark::core {

Resumption resumption(const OpenRestore& open, const AskedAnew& asked) {
  const RestoreMark& mark = open.mark;
  const bool other_origin = asked.origin && *asked.origin != mark.origin;
  const bool other_settings = asked.settings && *asked.settings != mark.settings;
  if (!other_origin && !other_settings) return Resumption::go_on;
  if (!open.renamed) return Resumption::begin_anew;
  if (other_settings) return Resumption::refuse;
  // The same words again: what was the newest when it began is meant, not what is so by now. The
  // newest point and the latest moment are two things.
  const bool same_kind =
      !other_origin || is_time_origin(*asked.origin) == is_time_origin(mark.origin);
  if (asked.newest && mark.options.newest && same_kind) return Resumption::go_on;
  // The database is down, and nothing but another origin can bring it up without a rollback.
  const bool made = mark.role == RestoreRole::restored;
  return open.origin_lost && !made ? Resumption::go_on : Resumption::refuse;
}

RestoreOptions merged_options(const RestoreOptions& remembered, RestoreOptions given) {
  given.no_checks |= remembered.no_checks;
  given.no_hook |= remembered.no_hook;
  given.no_safety_snapshot |= remembered.no_safety_snapshot;
  given.warm_up |= remembered.warm_up;
  given.password |= remembered.password;
  given.files |= remembered.files;
  given.newest = remembered.newest;
  if (given.instance_class.empty()) given.instance_class = remembered.instance_class;
  if (given.parameter_group.empty()) given.parameter_group = remembered.parameter_group;
  if (given.upgrade_to.empty()) given.upgrade_to = remembered.upgrade_to;
  if (given.zone.empty()) given.zone = remembered.zone;
  return given;
}

std::string lost_option(const RestoreMark& open, const RestoreOptions& given) {
  if (open.options.password && !given.password && !open.progress.contains("password"))
    return "--master-password-file FILE";
  const auto lost = [](const std::string& kept, const std::string& now) {
    return kept == kForgotten && now.empty();
  };
  if (lost(open.options.parameter_group, given.parameter_group)) return "--parameter-group NAME";
  if (lost(open.options.instance_class, given.instance_class)) return "--instance-class CLASS";
  if (lost(open.options.upgrade_to, given.upgrade_to)) return "--upgrade-snapshot VERSION";
  if (lost(open.options.zone, given.zone)) return "--zone NAME";
  return "";
}

}  // namespace tidemark::core
