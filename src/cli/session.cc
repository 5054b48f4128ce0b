#include "cli/session.h"

#include <algorithm>
#include <random>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include "aws/auth/profile_file.h"
#include "aws/wire/endpoint.h"
#include "base/edit_distance.h"
#include "cli/database_access.h"
#include "postgres/catalog/catalog.h"

namespace tidemark::cli {
namespace {

// A server that does not answer must not hold up the snapshot.
constexpr Millis kContentsConnectDeadline{10'000};
constexpr std::string_view kRdsVersion = "2014-10-31";

// Flags beat the file, and the file beats the variables.
void apply_flags(const GlobalOptions& global, config::Config& config) {
  if (global.profile) config.aws.profile = *global.profile;
  if (global.endpoint_url) config.aws.endpoint_url = *global.endpoint_url;
  if (!global.region) return;
  config.aws.region = *global.region;
  for (config::Source& source : config.sources) source.region = *global.region;
}

// The endpoint that the variables ask for, when neither flag nor file does.
std::string endpoint_override(const config::Config& config,
                              const config::Environment& environment) {
  if (!config.aws.endpoint_url.empty()) return config.aws.endpoint_url;
  for (const char* name : {"AWS_ENDPOINT_URL_RDS", "AWS_ENDPOINT_URL"})
    if (const auto url = aws::find_variable(environment, name)) return *url;
  return "";
}

Error no_such_source(const std::string& name, const config::Config& config) {
  std::vector<std::string> known;
  for (const config::Source& source : config.sources) known.push_back(source.name);
  const auto meant = nearest_word(name, known);
  return Error{ErrorKind::invalid_input,
               fmt::format("there is no source '{}' in {}", name, config.origin),
               meant           ? fmt::format("did you mean {}?", *meant)
               : known.empty() ? "add [source.NAME]; `tidemark config init` shows one"
                               : fmt::format("there is: {}", fmt::join(known, ", "))};
}

}  // namespace

Session::Session(const Context& context, config::Config config)
    : context_(context), config_(std::move(config)) {}

Result<std::unique_ptr<Session>> Session::open(const Context& context) {
  config::Config config = TRY(config::load_config(context.global.config, context.environment));
  apply_flags(context.global, config);
  std::unique_ptr<Session> session(new Session(context, std::move(config)));
  session->region_ = session->config_.aws.region;
  if (session->region_.empty()) {
    // Only sources need one: a repository in a folder is used where AWS was never heard of.
    auto region = aws::resolve_region(context.environment, session->config_.aws.profile);
    if (!region && !session->config_.sources.empty()) return region.error();
    if (region) session->region_ = *region;
  }
  session->credentials_ = std::make_unique<aws::CredentialChain>(
      aws::CredentialChainOptions{.environment = context.environment,
                                  .profile = session->config_.aws.profile,
                                  .region = session->region_},
      context.transport, context.clock, context.stop);
  return session;
}

Result<aws::rds::RdsClient*> Session::client_for(const std::string& region) {
  if (const auto known = regions_.find(region); known != regions_.end())
    return known->second.rds.get();
  aws::QueryService service{.endpoint = TRY(aws::endpoint_of(
                                "rds", region, endpoint_override(config_, context_.environment))),
                            .version = std::string(kRdsVersion),
                            .scope = {.region = region, .service = "rds"}};
  Region one;
  one.query = std::make_unique<aws::QueryClient>(
      std::move(service),
      aws::SenderParts{
          .transport = context_.transport, .credentials = *credentials_, .clock = context_.clock},
      aws::SenderOptions{.retry = {},
                         .jitter_seed = std::random_device{}(),
                         .observe = [this](const aws::AttemptRecord& record) {
                           ++calls_[std::string(record.call)];
                           aws::log_attempt(record);
                         }});
  one.rds = std::make_unique<aws::rds::RdsClient>(*one.query);
  return regions_.emplace(region, std::move(one)).first->second.rds.get();
}

Result<std::vector<ops::Source>> Session::sources(const std::optional<std::string>& name) {
  std::vector<ops::Source> all;
  for (const config::Source& source : config_.sources) {
    if (name && source.name != *name) continue;
    const std::string region = source.region.empty() ? region_ : source.region;
    const config::Policy& policy = config_.policy_of(source);
    all.push_back(ops::Source{.name = source.name,
                              .instance = source.instance,
                              .region = region,
                              .policy = policy.name,
                              .retention = policy.retention,
                              .schedule = policy.schedule,
                              .overdue_after = policy.overdue_after,
                              .service = TRY(client_for(region)),
                              .read_contents = contents_reader(source)});
  }
  if (!all.empty()) return all;
  if (name) return no_such_source(*name, config_);
  return Error{
      ErrorKind::invalid_input,
      fmt::format("{} has no [source.NAME], so nothing would be protected", config_.origin),
      "add a source; `tidemark config init` shows one"};
}

Result<aws::QueryClient*> Session::query_for(const std::string& region) {
  TRY(client_for(region));
  return regions_.at(region).query.get();
}

std::function<Result<core::ServerContents>(const aws::rds::Instance&)> Session::contents_reader(
    const config::Source& source) const {
  const config::Database database = source.database.value_or(config::Database{});
  if (database.password_file.empty() && database.password_command.empty()) return {};
  return [this, source](const aws::rds::Instance& instance) -> Result<core::ServerContents> {
    auto options =
        TRY(database_options(context_, source, instance.endpoint_address, instance.settings));
    options.connect_deadline = kContentsConnectDeadline;
    return postgres::read_contents(options, context_.clock, context_.stop);
  };
}

const config::Source& Session::source_config(const std::string& name) const {
  const auto found = std::find_if(config_.sources.begin(), config_.sources.end(),
                                  [&](const config::Source& one) { return one.name == name; });
  CHECK(found != config_.sources.end());
  return *found;
}

ops::SurveyOptions Session::survey_options() const {
  return {.owner = config_.owner, .snapshot_quota = config_.aws.snapshot_quota};
}

std::uint64_t Session::call_count() const {
  std::uint64_t count = 0;
  for (const auto& [name, region] : regions_) count += region.query->call_count();
  return count;
}

ExitCode exit_code_of(const core::RunReport& report) {
  std::optional<ErrorKind> first;
  bool all_failed = true;
  bool healthy = true;
  for (const core::SourceReport& source : report.sources) {
    std::optional<ErrorKind> kind;
    if (source.error) kind = source.error->kind;
    for (const core::Event& event : source.events)
      if (event.error && !kind) kind = event.error->kind;
    if (kind && !first) first = kind;
    all_failed = all_failed && kind.has_value();
    healthy = healthy && source.plan.healthy();
  }
  if (first && !all_failed) return ExitCode::partial;
  if (first) return static_cast<ExitCode>(exit_status({.kind = *first, .message = {}}, 0));
  return healthy ? ExitCode::ok : ExitCode::violated;
}

Status require_writable(const Context& context, std::string_view what) {
  if (!context.global.read_only) return Done{};
  return Error{ErrorKind::unsafe, fmt::format("--read-only forbids to {}", what),
               "leave --read-only out"};
}

}  // namespace tidemark::cli
