#include "cli/restore_workers.h"

#include <algorithm>

#include <fmt/format.h>

#include "aws/rds/contents_tags.h"
#include "base/log.h"
#include "base/process.h"
#include "cli/database_access.h"
#include "cli/hook_environment.h"
#include "cli/output_log.h"
#include "ops/restore_checks.h"
#include "postgres/catalog/warm_up.h"

namespace tidemark::cli {
namespace {

constexpr std::size_t kShownOutputMax = 400;  // of a failed hook's last words

std::string state_dir_of(const Context& context) {
  const auto config = config::load_config(context.global.config, context.environment);
  return config ? config->state_dir : "";
}

// Those of the newest point of this very instance that is not after the moment and has a record of
// what it holds; empty when there is none. No moment: the latest.
core::Tags tags_before(const ops::SurveyedSource& surveyed, const std::string& resource_id,
                       std::optional<TimePoint> moment) {
  const aws::rds::Snapshot* nearest = nullptr;
  for (const auto& [id, snapshot] : surveyed.snapshots) {
    const auto& created = snapshot.original_created;
    const bool before =
        snapshot.resource_id == resource_id && created && (!moment || *created <= *moment);
    const bool nearer = before && (nearest == nullptr || *created > *nearest->original_created);
    if (nearer && snapshot.status == "available" && aws::rds::decode_contents(snapshot.tags))
      nearest = &snapshot;
  }
  return nearest == nullptr ? core::Tags{} : nearest->tags;
}

}  // namespace

RestoreWorkers::RestoreWorkers(const Context& context, const config::Source& source,
                               const ops::PreparedRestore& prepared, Choices choices,
                               StepProgress& progress)
    : context_(context),
      source_(source),
      goal_(prepared.plan.goal),
      choices_(choices),
      state_dir_(state_dir_of(context)),
      progress_(progress) {
  if (core::is_time_origin(goal_.origin)) {
    point_tags_ =
        tags_before(prepared.surveyed, goal_.time_source, core::time_of_origin(goal_.origin));
    return;
  }
  const auto snapshot = prepared.surveyed.snapshots.find(goal_.origin);
  if (snapshot == prepared.surveyed.snapshots.end()) return;
  point_tags_ = snapshot->second.tags;
  version_ = goal_.upgrade_to.empty() ? snapshot->second.engine_version : goal_.upgrade_to;
}

ops::RestoreWorkers RestoreWorkers::hooks(std::optional<Secret> password) {
  password_ = password;
  return {
      .check = [this](const auto& target, const auto* replaced) { return check(target, replaced); },
      .files = {},
      .hook = [this](const auto& target) { return run_hook(target); },
      .warm_up = [this](const auto& target) { return warm_up(target); },
      .password = std::move(password)};
}

Result<postgres::ConnectionOptions> RestoreWorkers::connection_to(
    const core::SeenInstance& target) const {
  auto options = TRY(database_options(context_, source_, target.address, target.settings));
  const bool is_master = options.user == target.settings.master_username;
  if (password_ && is_master) options.password = *password_;
  return options;
}

Status RestoreWorkers::check(const core::SeenInstance& target, const core::SeenInstance* replaced) {
  // A stopped instance answers to no name.
  const bool is_stopped = replaced != nullptr && replaced->status == "stopped";
  const core::SeenInstance* const asked = is_stopped ? nullptr : replaced;
  ops::RestoreChecks checks{
      .connection = TRY(connection_to(target)),
      .replaced_address = asked == nullptr ? "" : asked->address,
      .replaced_port = port_of(asked == nullptr ? target.settings : asked->settings),
      .trust_name = choices_.trust_name,
      .version = version_,
      .recorded = {},
      .to_a_moment = core::is_time_origin(goal_.origin),
      .sql = {}};
  checks.password_is_new = password_ && checks.connection.user == target.settings.master_username;
  checks.patience = std::min(checks.patience, choices_.patience);
  if (auto recorded = aws::rds::decode_contents(point_tags_))
    checks.recorded = *std::move(recorded);
  for (const config::Check& one : source_.restore.checks)
    checks.sql.push_back({one.name, one.sql, one.database});
  return ops::check_restored(checks, context_.clock, context_.stop, doubts_);
}

std::string RestoreWorkers::output_path() const {
  return fmt::format("{}/restore-hook-{}.log", state_dir_, goal_.operation);
}

Status RestoreWorkers::run_hook(const core::SeenInstance& target) {
  const HookFacts facts{.source = source_.name,
                        .instance = target.id,
                        .restored_from = goal_.origin,
                        .connection = TRY(connection_to(target))};
  ProcessOptions options{.argv = source_.restore.hook,
                         .environment = hook_environment(context_.environment, facts),
                         .dies_with_us = true,
                         .deadline = source_.restore.hook_deadline};
  const std::string& program = source_.restore.hook.front();
  auto kept = OutputLog::open(output_path());
  if (!kept) {  // that nobody can read it is no reason to leave the migration undone
    log::warning(fmt::format("the hook's output is not kept: {}", kept.error().message));
    kept = TRY(OutputLog::open("/dev/null"));
  }
  OutputLog log = *std::move(kept);
  log.note(fmt::format("-- {} begins at {}", program, format_time(context_.clock.now())));
  options.output_to = log.descriptor();
  auto outcome = run_process(options, context_.clock, context_.stop);
  const std::string words = log.last_words(kShownOutputMax);
  const std::string end = outcome ? fmt::format("{} ended with {}", program, outcome->exit_code)
                                  : outcome.error().message;
  log.note("-- " + end);
  if (outcome && outcome->exit_code == 0) return Done{};
  Error error{outcome ? ErrorKind::rejected : outcome.error().kind, end};
  if (!words.empty()) error.message += ": " + words;
  error.hint = fmt::format("its output is in {}", output_path());
  return error;
}

Status RestoreWorkers::warm_up(const core::SeenInstance& target) {
  const Millis begin = context_.clock.steady();
  const auto show = [&](const postgres::WarmUpProgress& at) {
    progress_.detail(fmt::format("warm-up {} {} {}%", at.database, at.table,
                                 at.pages_total == 0 ? 100 : 100 * at.pages_done / at.pages_total),
                     context_.clock.steady() - begin);
  };
  const auto connection = TRY(connection_to(target));
  const auto outcome = TRY(postgres::warm_up(connection, {}, show, context_.clock, context_.stop));
  for (const std::string& skipped : outcome.skipped)
    doubts_.push_back({core::Severity::note, "not warmed up: " + skipped, ""});
  return Done{};
}

}  // namespace tidemark::cli
