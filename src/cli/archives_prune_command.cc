// `tidemark archives prune` and `tidemark archives forget`: archives that the policy, or somebody,
// no longer wants, and the data that only they needed; a dry run unless --yes.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "base/remote_text.h"
#include "cli/archive_policies.h"
#include "cli/commands.h"
#include "cli/repository_access.h"
#include "cli/size_text.h"
#include "ops/archive_reader.h"
#include "repo/upkeep/prune.h"
#include "report/json.h"
#include "report/text.h"

namespace tidemark::cli {
namespace {

struct Choice {
  bool yes = false;
  bool dry_run = false;
  bool acts() const { return yes && !dry_run; }

  void declare(Args& args) {
    args.flag("--yes", yes, "do it");
    args.flag("--dry-run", dry_run, "only show it, even with --yes");
  }
};

std::string verdict_line(const core::Verdict& verdict) {
  std::string text =
      fmt::format("    {}  {}", short_archive(verdict.id), fmt::join(verdict.reasons, "; "));
  if (verdict.removable_from)
    text += fmt::format("; restorable until {}", format_time(*verdict.removable_from));
  return text + "\n";
}

std::string archives_text(const core::ArchivesPlan& plan, const report::Style& style) {
  std::string condemned;
  std::string waiting;
  int kept = 0;
  for (const core::Verdict& verdict : plan.verdicts) {
    if (verdict.outcome == core::Outcome::condemn) condemned += verdict_line(verdict);
    if (verdict.outcome == core::Outcome::wait) waiting += verdict_line(verdict);
    kept += verdict.outcome == core::Outcome::keep ? 1 : 0;
  }
  std::string text = style.strong(clean_remote_text(plan.name)) + "\n";
  if (!condemned.empty()) text += "  ~ condemn (still restorable)\n" + condemned;
  if (!waiting.empty()) text += "  . condemned, in grace\n" + waiting;
  return text + fmt::format("  . {} kept\n", kept);
}

// First what is deleted at once, then what is only marked.
std::string sweep_text(const repo::SweepPlan& sweep) {
  std::string text = "  . nothing to delete now\n";
  if (sweep.archives + sweep.packs > 0)
    text = fmt::format(
        "  - deleted now: {} archives and {} packs, {}, condemned longer ago than the grace "
        "period\n",
        sweep.archives, sweep.packs, size_text(sweep.bytes));
  if (sweep.archives_held > 0)
    text += fmt::format("  . {} of them are held, and stay\n", sweep.archives_held);
  if (sweep.waiting > 0)
    text += fmt::format("  . {} marks of earlier prunes wait\n", sweep.waiting);
  for (const std::string& worker : sweep.waiting_for)
    text += fmt::format("  . nothing older is deleted before it ends: {}\n", worker);
  return text;
}

std::string data_text(const repo::PrunePlan& plan) {
  std::string text;
  if (!plan.drop.empty())
    text += fmt::format("  ~ marked: {} packs hold nothing that is needed: {}\n", plan.drop.size(),
                        size_text(plan.drop_bytes));
  if (!plan.repack.empty())
    text += fmt::format(
        "  ~ marked: {} packs hold little that is needed: {} are copied, {} go later\n",
        plan.repack.size(), size_text(plan.repack_live_bytes), size_text(plan.repack_bytes));
  return text.empty() ? "  . no data to mark\n" : text;
}

nlohmann::json names_json(const std::vector<repo::ObjectName>& names) {
  auto list = nlohmann::json::array();
  for (const repo::ObjectName& name : names) list.push_back(name.hex());
  return list;
}

nlohmann::json plan_json(const repo::PrunePlan& plan, const repo::SweepPlan& sweep) {
  return {{"delete_archives", sweep.archives},
          {"delete_packs", sweep.packs},
          {"delete_bytes", sweep.bytes},
          {"forget", names_json(plan.forget)},
          {"drop_packs", plan.drop.size()},
          {"drop_bytes", plan.drop_bytes},
          {"repack_packs", plan.repack.size()},
          {"repack_bytes", plan.repack_bytes},
          {"repack_live_bytes", plan.repack_live_bytes}};
}

nlohmann::json report_json(const repo::PruneReport& report) {
  return {{"archives_removed", report.archives_removed},
          {"archives_held", report.archives_held},
          {"packs_removed", report.packs_removed},
          {"bytes_removed", report.bytes_removed},
          {"bytes_copied", report.bytes_copied},
          {"packs_rescued", report.packs_rescued},
          {"uploads_ended", report.uploads_ended},
          {"locked", report.locked},
          {"waiting", report.waiting},
          {"waiting_for", report.waiting_for}};
}

std::string report_text(const repo::PruneReport& report, std::size_t condemned) {
  std::string text =
      fmt::format("condemned {} archives; deleted {} archives and {} packs, {}\n", condemned,
                  report.archives_removed, report.packs_removed, size_text(report.bytes_removed));
  if (report.archives_held > 0)
    text += fmt::format("  {} condemned archives are held, and stay\n", report.archives_held);
  if (report.waiting > 0)
    text += fmt::format("  {} marks wait for the end of their grace period\n", report.waiting);
  for (const std::string& worker : report.waiting_for)
    text += fmt::format("  nothing older is deleted before it ends: {}\n", worker);
  if (report.uploads_ended > 0)
    text += fmt::format("  {} uploads that were left behind are ended\n", report.uploads_ended);
  if (report.locked > 0)
    text += fmt::format("  {} objects stay: the store does not let them go (lock, or permission)\n",
                        report.locked);
  return text;
}

// Plans, shows, and with a choice that acts applies that very plan.
Result<ExitCode> prune(const Context& context, RepositoryAccess& access,
                       const std::vector<repo::ObjectName>& forget, const Choice& choice,
                       std::string text, Seconds grace) {
  const repo::PruneOptions options{.grace = grace, .owner = access.owner()};
  const repo::PrunePlan plan = TRY(repo::plan_prune(access.repository(), forget, options));
  const repo::SweepPlan sweep = TRY(repo::plan_sweep(access.repository(), grace));
  auto document = report::document("archives_prune");
  document["plan"] = plan_json(plan, sweep);
  document["grace_seconds"] = grace.count();
  document["report"] = nullptr;
  text += context.output_style().strong("data") + "\n" + sweep_text(sweep) + data_text(plan);
  if (choice.acts()) {
    const auto report = TRY(repo::apply_prune(access.repository(), plan, options));
    document["report"] = report_json(report);
    text += report_text(report, plan.forget.size());
  } else {
    text += "nothing was changed; add --yes to do it\n";
  }
  TRY(context.print(context.global.json ? report::json_line(document) : text));
  return ExitCode::ok;
}

Result<ExitCode> run_prune(Args& args, Context& context) {
  Choice choice;
  choice.declare(args);
  TRY(args.parse());
  if (choice.acts()) TRY(require_writable(context, "prune"));
  const auto session = TRY(Session::open(context));
  const auto access = TRY(RepositoryAccess::open(context, *session));
  const ops::ArchivePolicies policies = archive_policies(session->config());
  const auto archives = ops::read_archives(access->repository());
  if (!archives) return archives.error();
  const auto plans = ops::plan_all_archives(archives, policies, {}, context.clock.now());
  std::string text;
  for (const core::ArchivesPlan& plan : plans) text += archives_text(plan, context.output_style());
  return prune(context, *access, ops::condemned_of(plans), choice, text, policies.grace);
}

Result<ExitCode> run_forget(Args& args, Context& context) {
  Choice choice;
  std::vector<std::string> words;
  args.positionals("ARCHIVE", words, "as `tidemark archives` shows it");
  choice.declare(args);
  TRY(args.parse());
  if (choice.acts()) TRY(require_writable(context, "forget archives"));
  const auto session = TRY(Session::open(context));
  const auto access = TRY(RepositoryAccess::open(context, *session));
  if (words.empty())
    return Error{ErrorKind::invalid_input, "no archive was named",
                 "`tidemark archives` lists them"};
  std::vector<repo::ObjectName> forget;
  std::string text = "  ~ condemn (still restorable)\n";
  for (const std::string& word : words) {
    const repo::Archive archive = TRY(ops::archive_by_id(access->repository(), word));
    forget.push_back(archive.name);
    text += fmt::format("    {}  {} as of {}\n", short_archive(archive.name.hex()),
                        clean_remote_text(archive.source), format_time(archive.moment));
  }
  return prune(context, *access, forget, choice, text, archive_policies(session->config()).grace);
}

}  // namespace

const Command kArchivesPruneCommand{
    "archives prune", "condemn the archives that the policy no longer keeps, free their data",
    "Shows which archives no policy keeps any more and what data nothing needs; with --yes it "
    "marks both, and deletes what was marked by an earlier prune at least the grace period ago and "
    "is still unwanted. Until then a condemned archive can be restored, and `tidemark hold` saves "
    "it. The daemon does the same once a day.\n\n"
    "Archives of a database with a [source.NAME.archive] go by its policy, others by the policy of "
    "[repository]; without one they stay. The newest archives of each name, held ones, and those "
    "of a database that is overdue are never condemned. Safe beside running archives and restores.",
    "tidemark archives prune --yes", run_prune};

const Command kArchivesForgetCommand{
    "archives forget", "condemn archives by name, whatever the policy says",
    "Marks these archives and the data that only they need, like `archives prune`: they stay "
    "restorable for the grace period, and `tidemark hold` saves them until then. Held archives, "
    "and the last archive of the repository, are refused. A dry run unless --yes.",
    "tidemark archives forget 2d405411a22f --yes", run_forget};

}  // namespace tidemark::cli
