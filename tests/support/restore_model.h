// A small model of the service, on which the steps of restores are tried: what each act leads to,
// and how long it takes to show. Wherever the work is stopped, it is taken up from the same facts,
// so every prefix of a restore is also the beginning of a rollback.
#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/instance_status.h"
#include "core/restore_steps.h"
#include "core/rollback_steps.h"

namespace tidemark::test {

using namespace core;

inline constexpr const char* kOperation = "20261124t083012z";
inline constexpr int kStepsMax = 100;

inline InstanceSettings sample_settings() {
  InstanceSettings s;
  s.instance_class = "db.r6g.large";
  s.multi_az = true;
  s.deletion_protection = true;
  s.backup_retention_days = 7;
  s.parameter_groups = {"orders-15"};
  s.roles = {{"arn:r", "s3Import"}};
  s.tags = {{"team", "shop"}};
  return s;
}

inline SeenInstance sample_instance() {
  SeenInstance instance{.id = "orders", .resource_id = "db-OLD", .status = "available"};
  instance.settings = sample_settings();
  instance.settings.resource_id = "db-OLD";
  return instance;
}

inline RestoreGoal sample_goal() {
  return {.operation = kOperation,
          .identifier = "orders",
          .gives_way = "db-OLD",
          .origin = "the-point",
          .aside = "orders-replaced-20261124",
          .wanted = sample_settings(),
          .safety = "the-safety",
          .run_checks = true,
          .bring_files = true,
          .run_hook = true,
          .warm_up = true};
}

// Instances pass through a status of one look before they are what was asked for.
struct Model {
  RestoreGoal goal = sample_goal();
  std::vector<SeenInstance> instances = {sample_instance()};
  std::string point_status = "available";
  std::string safety_status;
  std::vector<RestoreAct> acts;

  SeenInstance* by_id(const std::string& id) {
    for (SeenInstance& one : instances)
      if (one.id == id) return &one;
    return nullptr;
  }

  RestoreFacts facts() {
    RestoreFacts facts{.origin_status = point_status, .safety_status = safety_status};
    for (const SeenInstance& one : instances) {
      if (one.id == goal.identifier) facts.target = one;
      if (one.resource_id == goal.gives_way) facts.replaced = one;
    }
    return facts;
  }

  void mark(SeenInstance& one, RestoreRole role, RestorePhase phase) {
    RestoreMark mark{.operation = kOperation,
                     .role = role,
                     .phase = phase,
                     .identifier = "orders",
                     .origin = goal.origin,
                     .aside = goal.aside};
    if (role == RestoreRole::replaced) mark.was_protected = one.settings.deletion_protection;
    if (const auto before = one.mark()) {
      mark.progress = before->progress;
      if (before->was_protected) mark.was_protected = before->was_protected;
    }
    for (const auto& [key, value] : mark_tags(mark)) one.settings.tags[key] = value;
  }

  void progress(const char* word) {
    RestoreMark mark = *by_id("orders")->mark();
    mark.progress.insert(word);
    for (const auto& [key, value] : mark_tags(mark)) by_id("orders")->settings.tags[key] = value;
  }

  // Time passes: whatever is on its way arrives.
  void settle() {
    if (safety_status == "creating") safety_status = "available";
    std::erase_if(instances, [](const SeenInstance& one) { return one.status == "deleting"; });
    for (SeenInstance& one : instances) {
      if (phase_of_instance(one.status) == InstancePhase::moving) one.status = "available";
      one.pending.clear();
    }
  }

  void take(const NextStep& step) {
    acts.push_back(step.act);
    SeenInstance* target = by_id("orders");
    switch (step.act) {
      case RestoreAct::claim:
        for (SeenInstance& one : instances)
          if (one.resource_id == "db-OLD")
            mark(one, RestoreRole::replaced,
                 rolling_back ? RestorePhase::rolling_back : RestorePhase::open);
        break;
      case RestoreAct::protect: target->settings.deletion_protection = true; break;
      case RestoreAct::unprotect: target->settings.deletion_protection = false; break;
      case RestoreAct::safeguard: safety_status = "creating"; break;
      case RestoreAct::rename:
        if (rolling_back) {
          by_id(goal.aside)->status = "renaming";
          by_id(goal.aside)->id = "orders";
        } else {
          target->status = "renaming";
          target->id = goal.aside;
        }
        break;
      case RestoreAct::create: {
        SeenInstance made{.id = "orders", .resource_id = "db-NEW", .status = "creating"};
        made.settings = InstanceSettings{};
        instances.push_back(made);
        mark(instances.back(), RestoreRole::restored, RestorePhase::open);
        break;
      }
      case RestoreAct::modify: {
        const auto roles = target->settings.roles;
        const auto tags = target->settings.tags;
        target->settings = goal.wanted;
        target->settings.roles = roles;
        target->settings.tags = tags;
        target->reboot_pending = true;
        target->status = "modifying";
        target->pending = {"class"};
        break;
      }
      case RestoreAct::add_roles: target->settings.roles = goal.wanted.roles; break;
      case RestoreAct::add_tags: target->settings.tags["team"] = "shop"; break;
      case RestoreAct::reboot:
        target->reboot_pending = false;
        target->status = "rebooting";
        break;
      case RestoreAct::password: progress("password"); break;
      case RestoreAct::check: progress("checks"); break;
      case RestoreAct::files: progress("files"); break;
      case RestoreAct::hook: progress("hook"); break;
      case RestoreAct::warm_up: progress("warm-up"); break;
      case RestoreAct::finish: mark(*target, RestoreRole::restored, RestorePhase::done); break;
      case RestoreAct::discard:
        mark(*target, RestoreRole::discarded, RestorePhase::open);
        target->id = "orders-discarded-20261124";
        target->status = "renaming";
        break;
      case RestoreAct::destroy: target->status = "deleting"; break;
      case RestoreAct::unmark:
        for (const std::string& key : mark_keys()) by_id("orders")->settings.tags.erase(key);
        break;
      default: FAIL() << "no such act in a restore: " << act_name(step.act);
    }
  }

  // At most this many acts; whether it came to its end.
  bool restore(int acts_max = kStepsMax) {
    for (int n = 0; n < kStepsMax && acts_max > 0; ++n) {
      const NextStep step = next_restore_step(goal, facts());
      if (step.act == RestoreAct::finished) return true;
      if (step.act == RestoreAct::stop) return false;
      if (step.act == RestoreAct::wait) {
        settle();
      } else {
        take(step);
        --acts_max;
      }
    }
    return false;
  }

  NextStep next_rollback() {
    RollbackFacts now{.identifier = "orders"};
    for (const SeenInstance& one : instances)
      if (one.resource_id == "db-OLD") now.replaced = one;
    if (const SeenInstance* target = by_id("orders")) now.target = *target;
    return next_rollback_step(now);
  }

  bool roll_back() {
    rolling_back = true;
    for (int n = 0; n < kStepsMax; ++n) {
      const NextStep step = next_rollback();
      if (step.act == RestoreAct::finished) return true;
      if (step.act == RestoreAct::stop) return false;
      step.act == RestoreAct::wait ? settle() : take(step);
    }
    return false;
  }

  bool rolling_back = false;
};

}  // namespace tidemark::test
