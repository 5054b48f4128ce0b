// `tidemark whoami`: which credentials are used, and whose they are.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "aws/auth/sts.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "report/json.h"
#include "report/text.h"

namespace tidemark::cli {
namespace {

Result<ExitCode> run_whoami(Args& args, Context& context) {
  TRY(args.parse());
  const auto session = TRY(Session::open(context));
  if (session->region().empty())
    TRY(aws::resolve_region(context.environment, session->config().aws.profile));
  const aws::Credentials credentials = TRY(session->credentials().get());
  config::Environment environment = context.environment;
  if (!session->config().aws.endpoint_url.empty())
    environment["AWS_ENDPOINT_URL_STS"] = session->config().aws.endpoint_url;
  aws::Sts sts(environment, session->region(), context.transport, context.clock);
  const aws::CallerIdentity identity = TRY(sts.caller_identity(credentials));

  if (context.global.json) {
    auto document = report::document("whoami");
    document["account"] = identity.account;
    document["arn"] = identity.arn;
    document["user_id"] = identity.user_id;
    document["provider"] = credentials.provider;
    document["access_key_id"] = credentials.access_key_id;
    document["expires"] = report::json_time(credentials.expires);
    document["region"] = session->region();
    TRY(context.print(report::json_line(document)));
    return ExitCode::ok;
  }
  const std::string expires = credentials.expires
                                  ? report::when_text(*credentials.expires, context.clock.now())
                                  : "never (long-term keys; a role is safer)";
  TRY(
      context.print(fmt::format("account      {}\narn          {}\ncredentials  {} ({})\n"
                                "expires      {}\nregion       {}\n",
                                identity.account, identity.arn, credentials.provider,
                                credentials.access_key_id, expires, session->region())));
  return ExitCode::ok;
}

}  // namespace

const Command kWhoamiCommand{"whoami", "show which AWS credentials are used, and whose they are",
                             "Shows which link of the credential chain answered (environment, a "
                             "profile, a container's or an "
                             "instance's role), the account and the identity that AWS sees, and "
                             "when the credentials expire.",
                             "tidemark whoami", run_whoami};

}  // namespace tidemark::cli
