// `tidemark hold` and `tidemark release`: keep a point or an archive whatever the policy says, or
// no longer.
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/points_view.h"
#include "cli/repository_access.h"
#include "ops/archive_reader.h"
#include "repo/upkeep/hold.h"
#include "report/json.h"

namespace tidemark::cli {
namespace {

constexpr std::size_t kReasonMax = 200;

// What the service accepts as a tag's value (API reference, Tag), in ASCII.
Status check_reason(const std::string& reason) {
  constexpr std::string_view kMarks = " _.:/=+-@";
  const bool allowed = std::all_of(reason.begin(), reason.end(), [&](unsigned char c) {
    return std::isalnum(c) != 0 || kMarks.find(static_cast<char>(c)) != kMarks.npos || c >= 128;
  });
  if (allowed && reason.size() <= kReasonMax) return Done{};
  return Error{ErrorKind::invalid_input, "the reason cannot be written into a tag",
               "use up to 200 letters, digits, blanks and any of _ . : / = + - @"};
}

Status report_done(const Context& context, const std::string& id, std::string_view done,
                   const std::optional<std::string>& hold) {
  if (!context.global.json) return context.print(fmt::format("{} {}\n", done, id));
  auto document = report::document("hold");
  document["point"] = id;
  document["hold"] = hold ? nlohmann::json(*hold) : nlohmann::json();
  return context.print(report::json_line(document));
}

// Shown by the service, not by our own word.
Result<std::optional<std::string>> hold_now(aws::rds::RdsClient& service, const std::string& id) {
  const auto snapshot = TRY(service.snapshot(id));
  const auto tag = snapshot.tags.find(std::string(ops::kHoldTag));
  return tag == snapshot.tags.end() ? std::nullopt : std::optional(tag->second);
}

// A word of hexadecimal digits is an archive; no name of a snapshot is one.
bool names_archive(const std::string& id) {
  constexpr std::size_t kDigitsMin = 4;
  return id.size() >= kDigitsMin && id.find_first_not_of("0123456789abcdef") == id.npos;
}

Result<ExitCode> hold_archive(const Context& context, const std::string& id,
                              const std::string& reason) {
  const auto session = TRY(Session::open(context));
  const auto access = TRY(RepositoryAccess::open(context, *session));
  const repo::Archive archive = TRY(ops::archive_by_id(access->repository(), id));
  TRY(repo::hold_archive(access->repository().access(), archive.name, reason));
  TRY(report_done(context, archive.name.hex(), "held", reason));
  return ExitCode::ok;
}

Result<ExitCode> release_archive(const Context& context, const std::string& id) {
  const auto session = TRY(Session::open(context));
  const auto access = TRY(RepositoryAccess::open(context, *session));
  const repo::Archive archive = TRY(ops::archive_by_id(access->repository(), id));
  TRY(repo::release_archive(access->repository().access(), archive.name));
  TRY(report_done(context, archive.name.hex(), "released", std::nullopt));
  return ExitCode::ok;
}

struct Target {
  PointView view;
  aws::rds::RdsClient* service;
};

Result<Target> find_target(Session& session, const Context& context, const std::string& id) {
  const PointViews views = TRY(PointViews::read(session, context, std::nullopt));
  const PointView view = TRY(views.find(id));
  const auto sources = TRY(session.sources(view.point.source));
  return Target{view, sources.front().service};
}

// A hold on what is going, or was never good, would only look like safety.
Status check_holdable(const core::RecoveryPoint& point) {
  if (point.good() || point.state == core::PointState::in_progress) return Done{};
  return Error{
      ErrorKind::conflict,
      fmt::format("{} is '{}', so holding it would keep nothing", point.id, point.service_status),
      "`tidemark list` shows the good points"};
}

Result<ExitCode> run_hold(Args& args, Context& context) {
  std::string id;
  std::optional<std::string> reason;
  args.positional("POINT|ARCHIVE", id, "as `tidemark list` or `tidemark archives` shows it");
  args.option("--reason", "TEXT", reason, "why, for whoever finds it in five years");
  TRY(args.parse());
  const std::string text = reason.value_or("no reason given");
  TRY(check_reason(text));
  TRY(require_writable(context, "hold a point"));
  if (names_archive(id)) return hold_archive(context, id, text);

  const auto session = TRY(Session::open(context));
  const Target target = TRY(find_target(*session, context, id));
  TRY(check_holdable(target.view.point));
  TRY(target.service->add_tags(target.view.snapshot.arn, {{std::string(ops::kHoldTag), text}}));
  const auto hold = TRY(hold_now(*target.service, id));
  if (hold != text)
    return Error{ErrorKind::conflict, fmt::format("the hold of {} did not stay", id),
                 "someone may be changing its tags; look with `tidemark show`"};
  TRY(report_done(context, id, "held", hold));
  return ExitCode::ok;
}

Result<ExitCode> run_release(Args& args, Context& context) {
  std::string id;
  args.positional("POINT|ARCHIVE", id, "as `tidemark list` or `tidemark archives` shows it");
  TRY(args.parse());
  TRY(require_writable(context, "release a point"));
  if (names_archive(id)) return release_archive(context, id);

  const auto session = TRY(Session::open(context));
  const Target target = TRY(find_target(*session, context, id));
  TRY(target.service->remove_tags(target.view.snapshot.arn, {std::string(ops::kHoldTag)}));
  const auto hold = TRY(hold_now(*target.service, id));
  if (hold)
    return Error{ErrorKind::conflict, fmt::format("{} is still held: {}", id, *hold),
                 "someone may be changing its tags; look with `tidemark show`"};
  TRY(report_done(context, id, "released", std::nullopt));
  return ExitCode::ok;
}

}  // namespace

const Command kHoldCommand{
    "hold", "keep a point or an archive whatever the policy says",
    "Marks it so that no pass or prune condemns or deletes it, until it is released; one that is "
    "condemned already is saved. The mark is a tag of the snapshot, or a sealed object of the "
    "repository.",
    "tidemark hold tidemark-202611-orders-20261122t0230z --reason \"before the migration\"",
    run_hold};

const Command kReleaseCommand{
    "release", "let the policy judge a held point or archive again",
    "Takes the hold off. The policy may then condemn it; it stays restorable for the grace "
    "period after that.",
    "tidemark release tidemark-202611-orders-20261122t0230z", run_release};

}  // namespace tidemark::cli
