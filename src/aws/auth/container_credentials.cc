#include "aws/auth/container_credentials.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "aws/auth/credential_json.h"
#include "base/file.h"
#include "base/log.h"
#include "base/remote_text.h"
#include "net/url.h"

namespace tidemark::aws {
namespace {

constexpr const char* kRelativeUri = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
constexpr const char* kFullUri = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
constexpr const char* kToken = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
constexpr const char* kTokenFile = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
constexpr std::string_view kOrigin = "container";

constexpr std::string_view kEcsAgent = "http://169.254.170.2";
// ECS, and EKS pod identity over IPv4 and IPv6.
constexpr std::array<std::string_view, 3> kAgentHosts = {"169.254.170.2", "169.254.170.23",
                                                         "fd00:ec2::23"};

constexpr Millis kDeadline{2'000};
constexpr int kAttemptsMax = 3;
constexpr Millis kPause{1'000};
constexpr std::size_t kTokenBytesMax = 64 << 10;

Result<std::string> agent_url(const Environment& environment) {
  if (const auto path = find_variable(environment, kRelativeUri)) {
    if (path->starts_with('/')) return std::string(kEcsAgent) + *path;
    return Error{ErrorKind::denied, fmt::format("{} does not begin with '/'", kRelativeUri)};
  }
  const std::string full = *find_variable(environment, kFullUri);
  const auto url = net::parse_url(full);
  if (!url) return in_context(kFullUri, Error{ErrorKind::denied, url.error().message});
  const bool is_agent =
      std::find(kAgentHosts.begin(), kAgentHosts.end(), url->host) != kAgentHosts.end();
  if (url->scheme != "https" && !net::is_loopback(url->host) && !is_agent) {
    return Error{ErrorKind::denied,
                 fmt::format("{} leads to {}, which is no container agent", kFullUri, url->host),
                 "use https, this machine, or the address of the ECS or EKS agent"};
  }
  return full;
}

// The Authorization header for the agent; empty when none is set. The file changes while we run, so
// it is read each time.
Result<Secret> agent_token(const Environment& environment) {
  std::string text;
  if (const auto path = find_variable(environment, kTokenFile)) {
    text = TRY(read_file(*path, kTokenBytesMax));
    text.erase(text.find_last_not_of("\r\n") + 1);
  } else {
    text = find_variable(environment, kToken).value_or("");
  }
  const Secret token(std::move(text));
  log::redact(token);
  if (token.reveal().find_first_of("\r\n") != std::string_view::npos) {
    return Error{ErrorKind::denied,
                 "the authorization token for the container agent has a line "
                 "break"};
  }
  return token;
}

Result<net::HttpResponse> ask(const net::HttpRequest& request, net::HttpTransport& transport,
                              Clock& clock) {
  for (int attempt = 1;; ++attempt) {
    auto response = transport.send(request);
    const bool again = response ? response->status >= 500
                                : response.error().kind == ErrorKind::unavailable ||
                                      response.error().kind == ErrorKind::timed_out;
    if (!again || attempt == kAttemptsMax) return response;
    TRY(clock.sleep(kPause));
  }
}

}  // namespace

Result<LinkAnswer> container_credentials(const Environment& environment,
                                         net::HttpTransport& transport, Clock& clock) {
  if (!find_variable(environment, kRelativeUri) && !find_variable(environment, kFullUri)) {
    return passed(fmt::format("{} and {} are not set", kRelativeUri, kFullUri));
  }
  net::HttpRequest request;
  request.url = TRY(agent_url(environment));
  request.headers = {{"Accept", "application/json"}};
  request.deadline = kDeadline;
  request.response_bytes_max = kCredentialJsonBytesMax;
  const Secret token = TRY(agent_token(environment));
  if (!token.empty()) request.headers.emplace_back("Authorization", token.reveal());

  auto response = ask(request, transport, clock);
  if (!response) return in_context("container agent", std::move(response).error());
  const Secret body(std::move(response->body));
  if (response->status != 200) {
    return Error{response->status >= 500 ? ErrorKind::unavailable : ErrorKind::denied,
                 fmt::format("container agent answered {}: {}", response->status,
                             log::safe_text(clean_remote_text(body.reveal())))};
  }
  return LinkAnswer{TRY(decode_credentials(body.reveal(), CredentialJson::metadata, kOrigin)), {}};
}

}  // namespace tidemark::aws
