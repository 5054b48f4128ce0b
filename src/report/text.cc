#include "report/text.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace tidemark::report {
namespace {

using core::Outcome;
using core::Severity;
using core::SourcePlan;
using core::Verdict;

constexpr std::size_t kArchiveDigits = 12;  // enough to name one

int count_of(const SourcePlan& plan, Outcome outcome) {
  return static_cast<int>(
      std::count_if(plan.verdicts.begin(), plan.verdicts.end(),
                    [outcome](const Verdict& v) { return v.outcome == outcome; }));
}

// Worst first; equal ones as configured.
std::vector<const SourcePlan*> ranked(std::span<const SourcePlan> plans) {
  const auto rank = [](const SourcePlan& plan) {
    return plan.problems.empty() ? -1 : static_cast<int>(plan.problems.front().severity);
  };
  std::vector<const SourcePlan*> order;
  for (const SourcePlan& plan : plans) order.push_back(&plan);
  std::stable_sort(order.begin(), order.end(),
                   [&](const SourcePlan* a, const SourcePlan* b) { return rank(*a) > rank(*b); });
  return order;
}

std::string plural(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string row(std::string_view name, std::string_view value) {
  return fmt::format("  {:<11} {}\n", name, value);
}

std::string problems_text(const SourcePlan& plan, const Style& style) {
  std::string text;
  for (const core::Problem& problem : plan.problems) {
    text += fmt::format(
        "  {} {}\n",
        style.of(problem.severity, fmt::format("{:<11}", core::severity_name(problem.severity))),
        problem.message);
    if (!problem.hint.empty()) text += fmt::format("  {:<11} -> {}\n", "", problem.hint);
  }
  return text;
}

std::string points_text(const SourcePlan& plan) {
  std::string text = fmt::format("{} good", plan.good_points);
  const int condemned = count_of(plan, Outcome::condemn) + count_of(plan, Outcome::wait) +
                        count_of(plan, Outcome::remove);
  if (condemned > 0) text += fmt::format("; {} are condemned or about to be", condemned);
  return text;
}

std::string archives_row(const core::ArchivesPlan& plan, TimePoint now) {
  std::string text = plan.newest ? when_text(plan.newest->moment(), now) : "none";
  text = fmt::format("{} of {}, {}", text, plan.name, plural(plan.verdicts.size(), "archive"));
  if (plan.running) text += "; one is being made";
  return row("archived", text);
}

std::string source_status(const SourcePlan& plan, TimePoint now, const Style& style) {
  std::string text =
      fmt::format("{}  {}\n", style.strong(plan.source),
                  plan.healthy() ? style.good("protected") : style.bad("NOT PROTECTED AS ASKED"));
  text += row("instance", plan.instance);
  text += row("last good", plan.last_good
                               ? fmt::format("{}  {}", when_text(plan.last_good->moment(), now),
                                             plan.last_good->id)
                               : "none");
  if (plan.good_until) text += row("good until", when_text(*plan.good_until, now));
  if (plan.next_slot) text += row("next slot", when_text(*plan.next_slot, now));
  text += row("points", points_text(plan));
  if (plan.awaited) text += row("in progress", *plan.awaited);
  for (const core::ArchivesPlan& archives : plan.archives) text += archives_row(archives, now);
  return text + problems_text(plan, style);
}

std::string verdict_line(const Verdict& verdict, TimePoint now) {
  std::string text = fmt::format("    {}  {}", verdict.id, fmt::join(verdict.reasons, "; "));
  if (verdict.outcome == Outcome::wait && verdict.removable_from)
    text += fmt::format("; deletable from {}", when_text(*verdict.removable_from, now));
  return text + "\n";
}

std::string verdicts_text(const SourcePlan& plan, Outcome outcome, std::string_view sign,
                          std::string_view heading, TimePoint now) {
  std::string text;
  for (const Verdict& verdict : plan.verdicts) {
    if (verdict.outcome != outcome) continue;
    if (text.empty()) text = fmt::format("  {} {}\n", sign, heading);
    text += verdict_line(verdict, now);
  }
  return text;
}

std::string event_text(const core::Event& event, const Style& style) {
  if (event.error) return "  " + error_text(*event.error, style);
  static constexpr std::pair<core::Act, std::string_view> kDone[] = {
      {core::Act::create, "asked for"},  {core::Act::complete, "available:"},
      {core::Act::condemn, "condemned"}, {core::Act::reprieve, "reprieved"},
      {core::Act::remove, "deleted"},    {core::Act::archive, "archived"}};
  std::string_view done = "did";
  for (const auto& [act, words] : kDone)
    if (act == event.act) done = words;
  return fmt::format("  {} {}\n", done, event.snapshot);
}

}  // namespace

std::string when_text(TimePoint time, TimePoint now) {
  const Seconds distance = std::chrono::floor<Seconds>(time > now ? time - now : now - time);
  return time > now ? fmt::format("{} (in {})", format_time(time), format_duration(distance))
                    : fmt::format("{} ({} ago)", format_time(time), format_duration(distance));
}

std::string status_text(std::span<const SourcePlan> plans, TimePoint now, const Style& style) {
  const auto unhealthy = static_cast<std::size_t>(std::count_if(
      plans.begin(), plans.end(), [](const SourcePlan& plan) { return !plan.healthy(); }));
  const std::vector<const SourcePlan*> order = ranked(plans);
  std::string text;
  if (unhealthy == 0)
    text = fmt::format("{} {}\n", style.good("Protected:"),
                       plans.size() == 1 ? plans.front().source : plural(plans.size(), "source"));
  else
    text = fmt::format(
        "{} {}: {}{}\n", style.bad("NOT PROTECTED:"), order.front()->source,
        order.front()->problems.front().message,
        unhealthy > 1 ? fmt::format(" (and {} more)", plural(unhealthy - 1, "source")) : "");
  for (const SourcePlan* plan : order) text += "\n" + source_status(*plan, now, style);
  return text;
}

std::string plan_text(std::span<const SourcePlan> plans, TimePoint now, const Style& style) {
  std::string text;
  for (const SourcePlan& plan : plans) {
    text += fmt::format("{}\n", style.strong(plan.source));
    if (plan.create)
      text += fmt::format("  + take {}\n", plan.create->id);
    else if (plan.awaited)
      text += fmt::format("  . wait for {}\n", *plan.awaited);
    else if (plan.covered && plan.next_slot)
      text += fmt::format("  . nothing to take before {}\n", when_text(*plan.next_slot, now));
    for (const core::ArchivesPlan& archives : plan.archives) {
      if (archives.due) text += fmt::format("  + archive {}\n", archives.name);
      for (const std::string& name : archives.condemned())
        text += fmt::format("  ~ condemn archive {} of {}\n", name.substr(0, kArchiveDigits),
                            archives.name);
    }
    text += verdicts_text(plan, Outcome::condemn, "~", "condemn (still restorable)", now);
    text += verdicts_text(plan, Outcome::reprieve, "~", "reprieve (wanted again)", now);
    text += verdicts_text(plan, Outcome::remove, "-", "delete for good", now);
    text += verdicts_text(plan, Outcome::wait, ".", "condemned, in grace", now);
    text += fmt::format("  . {} kept, {} not judged\n", count_of(plan, Outcome::keep),
                        count_of(plan, Outcome::ignore));
    text += problems_text(plan, style);
  }
  return text;
}

std::string run_text(const core::RunReport& report, const Style& style) {
  std::string text;
  for (const core::SourceReport& source : report.sources) {
    text += fmt::format("{}\n", style.strong(source.plan.source));
    for (const core::Event& event : source.events) text += event_text(event, style);
    if (source.events.empty() && source.plan.healthy()) text += "  nothing to do\n";
    text += fmt::format("  {}\n", source.plan.healthy() ? style.good("protected")
                                                        : style.bad("NOT PROTECTED AS ASKED"));
    if (source.plan.next_slot)
      text += fmt::format("  next slot {}\n", when_text(*source.plan.next_slot, report.finished));
    text += problems_text(source.plan, style);
  }
  return text;
}

std::string error_text(const Error& error, const Style& style) {
  std::string text = fmt::format("{} {}\n", style.bad("error:"), error.message);
  if (!error.hint.empty()) text += fmt::format("  -> {}\n", error.hint);
  return text;
}

}  // namespace tidemark::report
