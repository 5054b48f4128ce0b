// `tidemark health`: is the daemon alive, and are the sources protected? For HEALTHCHECK.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "config/config.h"
#include "daemon/health.h"
#include "report/json.h"
#include "report/text.h"

namespace tidemark::cli {
namespace {

Error silent_daemon(const daemon::Health& health, TimePoint now) {
  return Error{
      ErrorKind::rejected,
      fmt::format("the daemon has been silent since {}", report::when_text(health.written, now)),
      "look at its log, and start it again: tidemark run"};
}

std::string verdict_of(const daemon::SourceHealth& source) {
  if (source.healthy) return "protected";
  return (source.catching_up ? "catching up: " : "NOT PROTECTED: ") + source.problem;
}

Result<ExitCode> run_health(Args& args, Context& context) {
  TRY(args.parse());
  const config::Config config =
      TRY(config::load_config(context.global.config, context.environment));
  const std::string path = daemon::health_path(config.state_dir);
  const auto health = daemon::read_health(path);
  if (!health && health.error().kind == ErrorKind::not_found)
    return Error{ErrorKind::rejected, fmt::format("no daemon has written {} yet", path),
                 "start it: tidemark run"};
  if (!health) return health.error();
  const TimePoint now = context.clock.now();
  if (now > health->next_by) return silent_daemon(*health, now);
  if (health->written > now + core::kClockSkewMax)
    return Error{
        ErrorKind::rejected,
        fmt::format("{} is of {}, which is still to come", path, format_time(health->written)),
        "set the clock; then see whether the daemon runs"};

  bool healthy = true;
  std::string text;
  auto document = report::document("health");
  document["written"] = format_time(health->written);
  document["sources"] = nlohmann::json::array();
  for (const daemon::SourceHealth& source : health->sources) {
    healthy = healthy && (source.healthy || source.catching_up);
    text += fmt::format("{}: {}\n", source.source, verdict_of(source));
    document["sources"].push_back({{"source", source.source},
                                   {"healthy", source.healthy},
                                   {"catching_up", source.catching_up},
                                   {"problem", source.problem},
                                   {"hint", source.hint}});
  }
  document["healthy"] = healthy;
  TRY(context.print(context.global.json ? report::json_line(document) : text));
  return healthy ? ExitCode::ok : ExitCode::violated;
}

}  // namespace

const Command kHealthCommand{
    "health", "ask whether the daemon is alive and content",
    "Reads what the daemon wrote after its last pass; asks AWS nothing. Exits with 0 when it is "
    "alive and every source is protected as asked, or the point that is missing is being taken; "
    "with "
    "14 when a source is not, and with 1 when the daemon has been silent for too long. Made for a "
    "container's HEALTHCHECK.",
    "tidemark health", run_health};

}  // namespace tidemark::cli
