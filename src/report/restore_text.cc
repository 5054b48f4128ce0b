#include "report/restore_text.h"

#include <algorithm>

#include <fmt/format.h>

namespace tidemark::report {
namespace {

std::string heading(const core::RestorePlan& plan) {
  if (plan.kind == "retire") return fmt::format("Retire {}", plan.origin_text);
  if (plan.kind == "rollback")
    return fmt::format("Put back {} under the name {}", plan.origin_text, plan.goal.identifier);
  return fmt::format("Restore {} from {}", plan.goal.identifier, plan.origin_text);
}

std::string row(std::string_view name, std::string_view value) {
  return value.empty() ? "" : fmt::format("  {:<10} {}\n", name, value);
}

std::string shown(const std::string& value) { return value.empty() ? "(not set)" : value; }

std::string drift_text(const core::RestorePlan& plan) {
  if (plan.drift.empty()) return "";
  std::string text = fmt::format(
      "\n  settings drift: {} is what will be set (--settings chooses)\n    {:<22} {:<34} {}\n",
      plan.goal.choice == core::SettingsChoice::point ? "the point's" : "the current", "", "point",
      "current");
  for (const core::SettingDifference& one : plan.drift)
    text += fmt::format("    {:<22} {:<34} {}\n", one.name, shown(one.wanted), shown(one.shown));
  return text;
}

std::string steps_text(const core::RestorePlan& plan, const Style& style) {
  std::string text = "\n";
  int number = 0;
  for (const core::PlannedStep& step : plan.steps) {
    ++number;
    const bool final = step.undo.starts_with("NOT");
    text += fmt::format("  {:>2}. {}{}\n", number,
                        step.done ? style.faint(step.text + " (done)") : step.text, "");
    if (!step.undo.empty() && !step.done)
      text += fmt::format("      {} {}\n", style.faint("undo:"),
                          final ? style.bad(step.undo) : style.faint(step.undo));
  }
  return text;
}

std::string files_text(const core::RestorePlan& plan) {
  if (!plan.files) return "";
  const core::PlannedFiles& files = *plan.files;
  std::string text = fmt::format(
      "\n  files in {} as of {}, by {}\n", files.bucket, format_time(files.moment),
      files.inventory.empty() ? "the versions of the bucket" : "inventory " + files.inventory);
  if (files.skew)
    text += fmt::format("    skew       {} s after the last transaction of the rows\n",
                        files.skew->count());
  else
    text += "    skew       to the rows not known: RDS does not say\n";
  text += fmt::format(
      "    copy back  {} old versions, {} bytes\n"
      "    remove     {} that did not exist then, by a delete marker\n"
      "    leave      {} that are as they were\n",
      files.copies, files.copied_bytes, files.removed, files.unchanged);
  if (files.lost > 0) text += fmt::format("    LOST       {} whose version is gone\n", files.lost);
  if (files.cold > 0)
    text += fmt::format("    COLD       {} of the copies are in an archive class\n", files.cold);
  return text;
}

std::string problems_text(const core::RestorePlan& plan, const Style& style) {
  std::string text = plan.problems.empty() ? "" : "\n";
  for (const core::Problem& problem : plan.problems) {
    text += fmt::format(
        "  {} {}\n",
        style.of(problem.severity, fmt::format("{:<8}", core::severity_name(problem.severity))),
        problem.message);
    if (!problem.hint.empty()) text += fmt::format("  {:<8} -> {}\n", "", problem.hint);
  }
  return text;
}

}  // namespace

std::string restore_plan_text(const core::RestorePlan& plan, const Style& style) {
  std::string text = style.strong(heading(plan)) + "\n";
  if (plan.resumed)
    text += row("resumed", fmt::format("an earlier run began it{}; it goes on from there",
                                       plan.resumed_text.empty() ? "" : " " + plan.resumed_text));
  text += row("now", plan.standing);
  if (plan.kind == "restore") {
    const bool same = plan.goal.in_place && !plan.address_before.empty();
    text += row("endpoint", same ? plan.address_before + ", before and after"
                            : plan.address_before.empty() ? "a new one, known once it is there"
                                                          : plan.address_before);
    text += row("downtime", !plan.goal.in_place ? "none: nothing is taken away"
                            : plan.last_took
                                ? "the last restore took " + format_duration(*plan.last_took)
                                : "not measured yet; a rename takes RDS some 10 minutes, and the "
                                  "restore more");
  }
  return text + steps_text(plan, style) + files_text(plan) + drift_text(plan) +
         problems_text(plan, style);
}

std::string restore_status_text(std::span<const RestoreStanding> standings, const Style& style) {
  if (standings.empty()) return "no restore is under way, and none has left anything behind\n";
  std::string text;
  for (const RestoreStanding& one : standings) {
    text += fmt::format("{}  {}\n", style.strong(one.source), one.text);
    if (!one.next.empty()) text += fmt::format("  -> {}\n", one.next);
  }
  return text;
}

}  // namespace tidemark::report
