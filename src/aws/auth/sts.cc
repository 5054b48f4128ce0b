#include "aws/auth/sts.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "aws/auth/credential_link.h"
#include "aws/auth/sigv4.h"
#include "aws/wire/endpoint.h"
#include "aws/wire/service_error.h"
#include "aws/wire/signed_sender.h"

namespace tidemark::aws {
namespace {

constexpr std::string_view kVersion = "2011-06-15";
constexpr Millis kAttemptDeadline{15'000};
constexpr RetryPolicy kRetryPolicy{.attempts_max = 3,
                                   .delay_first = Millis{1'000},
                                   .delay_max = Millis{5'000},
                                   .deadline = Millis{60'000}};
constexpr std::size_t kAnswerBytesMax = 256 << 10;

// It is in us-east-1 and knows every account of the commercial partition.
constexpr std::string_view kGlobalUrl = "https://sts.amazonaws.com";
constexpr std::string_view kGlobalRegion = "us-east-1";

Result<std::string> endpoint_url(const Environment& environment, const std::string& region) {
  auto given = find_variable(environment, "AWS_ENDPOINT_URL_STS");
  if (!given) given = find_variable(environment, "AWS_ENDPOINT_URL");
  if (region.empty() && !given) return std::string(kGlobalUrl);
  return endpoint_of("sts", region.empty() ? kGlobalRegion : region, given.value_or(""));
}

// For the sender, which asks a provider: the credentials of this one call.
class GivenCredentials final : public CredentialProvider {
 public:
  explicit GivenCredentials(const Credentials& given) : given_(given) {}
  Result<Credentials> get() override { return given_; }
  void forget() override {}

 private:
  const Credentials& given_;
};

Status leave_unsigned(net::HttpRequest&, const Credentials&, TimePoint) { return Done{}; }

// The service quotes what it would have signed, session token and all.
Error without_canonical_string(Error error) {
  error.message.erase(std::min(error.message.find(" The Canonical String"), error.message.size()));
  return error;
}

// The element <ActionResult>, which holds what was asked for.
Result<XmlNode> find_result(const XmlDocument& document, std::string_view action) {
  const XmlNode result = document.root().child(fmt::format("{}Result", action));
  if (result) return result;
  return Error{ErrorKind::corrupt, fmt::format("STS answered {} without a result", action)};
}

Result<Credentials> decode_session(const XmlDocument& document, std::string_view action,
                                   const RoleRequest& role) {
  const XmlNode session = TRY(find_result(document, action)).child("Credentials");
  const auto expires = TRY(session.time("Expiration"));
  if (!expires) return Error{ErrorKind::corrupt, "STS gave a session without an expiration"};
  if (session.text("SessionToken").empty()) {
    return Error{ErrorKind::corrupt, "STS gave a session without a token"};
  }
  return credentials_from(
      {session.text("AccessKeyId"), session.text("SecretAccessKey"), session.text("SessionToken")},
      expires, "role " + role.role_arn);
}

}  // namespace

Sts::Sts(const Environment& environment, const std::string& region, net::HttpTransport& transport,
         Clock& clock)
    : url_(endpoint_url(environment, region)),
      region_(region.empty() ? kGlobalRegion : region),
      transport_(transport),
      clock_(clock) {}

Result<Credentials> Sts::assume_role(const Credentials& caller, const RoleRequest& role) {
  constexpr std::string_view kAction = "AssumeRole";
  auto answer = call(role_fields(kAction, role), &caller);
  if (!answer) {
    Error error = std::move(answer).error();
    if (error.code == "AccessDenied") {
      error.hint = "let the caller use sts:AssumeRole on the role, and let the role trust it";
    }
    return in_context("assuming " + role.role_arn, std::move(error));
  }
  return decode_session(*answer, kAction, role);
}

Result<Credentials> Sts::assume_role_with_web_identity(const Secret& token,
                                                       const RoleRequest& role) {
  constexpr std::string_view kAction = "AssumeRoleWithWebIdentity";
  net::Fields fields = role_fields(kAction, role);
  fields.emplace_back("WebIdentityToken", token.reveal());
  auto answer = call(fields, nullptr);
  if (!answer) return in_context("assuming " + role.role_arn, std::move(answer).error());
  return decode_session(*answer, kAction, role);
}

Result<CallerIdentity> Sts::caller_identity(const Credentials& caller) {
  constexpr std::string_view kAction = "GetCallerIdentity";
  auto answer =
      call({{"Action", std::string(kAction)}, {"Version", std::string(kVersion)}}, &caller);
  if (!answer) return in_context("asking STS who we are", std::move(answer).error());
  const XmlNode result = TRY(find_result(*answer, kAction));
  return CallerIdentity{TRY(result.required_text("Account")), TRY(result.required_text("Arn")),
                        TRY(result.required_text("UserId"))};
}

net::Fields Sts::role_fields(std::string_view action, const RoleRequest& role) const {
  const auto now = std::chrono::floor<Seconds>(clock_.now()).time_since_epoch().count();
  net::Fields fields = {
      {"Action", std::string(action)},
      {"Version", std::string(kVersion)},
      {"RoleArn", role.role_arn},
      {"RoleSessionName",
       role.session_name.empty() ? fmt::format("tidemark-{}", now) : role.session_name}};
  if (!role.external_id.empty()) fields.emplace_back("ExternalId", role.external_id);
  if (role.duration) fields.emplace_back("DurationSeconds", std::to_string(role.duration->count()));
  return fields;
}

// caller: absent when the request is not signed.
Result<XmlDocument> Sts::call(const net::Fields& fields, const Credentials* caller) {
  net::HttpRequest request;
  request.method = "POST";
  request.url = TRY(url_) + "/";
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}};
  request.body = net::form_encode(fields);
  request.deadline = kAttemptDeadline;
  request.response_bytes_max = kAnswerBytesMax;

  const Credentials nobody;
  GivenCredentials provider(caller ? *caller : nobody);
  SenderOptions options;
  options.retry = kRetryPolicy;
  options.jitter_seed = static_cast<std::uint64_t>(clock_.now().time_since_epoch().count());
  SignedSender sender({transport_, provider, clock_},
                      caller ? sign_for({region_, "sts"}) : SignFunction(leave_unsigned), options);
  std::optional<XmlDocument> answer;
  const auto read = [&](net::HttpResponse& response) -> Status {
    auto document = read_xml(std::move(response));
    if (!document) return without_canonical_string(std::move(document).error());
    answer = std::move(*document);
    return Done{};
  };
  TRY(sender.send(fields.front().second, request, read));
  return *std::move(answer);
}

}  // namespace tidemark::aws
