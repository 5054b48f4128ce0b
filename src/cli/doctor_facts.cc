#include "cli/doctor_facts.h"

#include <algorithm>

#include <fmt/format.h>
#include <sys/stat.h>

#include "aws/auth/sts.h"
#include "aws/wire/endpoint.h"
#include "base/file.h"
#include "base/log.h"
#include "crypto/version.h"
#include "postgres/conn/version.h"

namespace tidemark::cli {
namespace {

constexpr std::size_t kVerifiedBytesMax = 64;
constexpr unsigned kPrivateFile = 0600;
constexpr unsigned kPermissionBits = 07777;

std::string verified_path(const config::Config& config) {
  return config.state_dir + "/repository-verified";
}

Result<doctor::Credentials> look_at_credentials(const Context& context, Session& session) {
  const aws::Credentials credentials = TRY(session.credentials().get());
  config::Environment environment = context.environment;
  if (!session.config().aws.endpoint_url.empty())
    environment["AWS_ENDPOINT_URL_STS"] = session.config().aws.endpoint_url;
  aws::Sts sts(environment, session.region(), context.transport, context.clock);
  const aws::CallerIdentity identity = TRY(sts.caller_identity(credentials));
  return doctor::Credentials{.provider = credentials.provider,
                             .arn = identity.arn,
                             .account = identity.account,
                             .account_wanted = session.config().aws.account,
                             .session = !credentials.session_token.empty(),
                             .expires = credentials.expires};
}

std::string variable(const Context& context, const std::string& name) {
  const auto found = context.environment.find(name);
  return found == context.environment.end() ? "" : found->second;
}

void add_file(doctor::Host& host, const std::string& path, std::string holds, bool secret) {
  struct stat info {};
  if (path.empty() || ::stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return;
  host.files.push_back({.path = path,
                        .holds = std::move(holds),
                        .mode = static_cast<unsigned>(info.st_mode) & kPermissionBits,
                        .secret = secret});
}

}  // namespace

doctor::Host look_at_host(const Context& context, Session& session) {
  doctor::Host host;
  const auto query = session.query_for(session.region());
  if (query) host.clock_skew = (*query)->clock_skew();
  const config::Config& config = session.config();
  add_file(host, config.origin, "the configuration", false);
  if (config.repository) {
    add_file(host, config.repository->key_file, "the repository's key", true);
    add_file(host, config.repository->password_file, "the repository's password", true);
  }
  for (const config::Source& source : config.sources)
    if (source.database)
      add_file(host, source.database->password_file,
               fmt::format("the password of source {}", source.name), true);
  std::string shared = variable(context, "AWS_SHARED_CREDENTIALS_FILE");
  if (shared.empty()) shared = variable(context, "HOME") + "/.aws/credentials";
  add_file(host, shared, "AWS credentials", true);
  host.libraries = {{.name = "libpq", .version = postgres::client_version()},
                    {.name = "OpenSSL", .version = crypto::openssl_version()}};
  return host;
}

void remember_verified(const Context& context, const config::Config& config) {
  const Status kept =
      replace_file(verified_path(config), format_time(context.clock.now()) + "\n", kPrivateFile);
  if (!kept) log::warning("that it was verified is not remembered: " + kept.error().message);
}

Result<std::optional<TimePoint>> last_verified(const config::Config& config) {
  auto text = read_file(verified_path(config), kVerifiedBytesMax);
  if (!text && text.error().kind == ErrorKind::not_found) return std::optional<TimePoint>();
  std::string line = TRY(std::move(text));
  while (line.ends_with('\n')) line.pop_back();
  const TimePoint time = TRY(parse_time(line));
  return std::optional(time);
}

doctor::Facts gather_facts(const Context& context, Session& session, const DoctorOptions& options) {
  doctor::Facts facts{.credentials = look_at_credentials(context, session)};
  if (facts.credentials)
    facts.principals = look_at_principals(context, session, facts.credentials->arn, options);
  facts.instances = look_at_instances(session);
  facts.snapshots = look_at_snapshots(context, session);
  facts.buckets = look_at_buckets(context, session, options);
  if (session.config().repository)
    facts.repository = doctor::Repository{.url = session.config().repository->url,
                                          .verified = last_verified(session.config())};
  facts.host = look_at_host(context, session);  // last: the clock is known by the answers
  return facts;
}

}  // namespace tidemark::cli
