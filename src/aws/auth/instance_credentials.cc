#include "aws/auth/instance_credentials.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "aws/auth/credential_json.h"
#include "base/log.h"
#include "net/url.h"

namespace tidemark::aws {
namespace {

constexpr std::string_view kOrigin = "instance role";
constexpr std::string_view kEndpoint = "http://169.254.169.254";
constexpr std::string_view kEndpointV6 = "http://[fd00:ec2::254]";
constexpr std::string_view kRolePath = "/latest/meta-data/iam/security-credentials/";
constexpr const char* kTokenLifeSeconds = "21600";
constexpr const char* kHopLimitHint =
    "in a container on EC2, raise the instance's metadata hop limit to 2; elsewhere, set "
    "AWS_EC2_METADATA_DISABLED=true to save the wait";

constexpr int kTimeoutSecondsMax = 60;
constexpr int kAttemptsMax = 10;
constexpr std::size_t kTokenBytesMax = 4096;

bool is_true(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return static_cast<char>(c | 32); });
  return text == "true";
}

Result<int> number(const Environment& environment, const char* name, int fallback, int most) {
  const auto text = find_variable(environment, name);
  if (!text) return fallback;
  int value = 0;
  const auto [end, fault] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (fault != std::errc() || end != text->data() + text->size() || value < 1 || value > most) {
    return Error{ErrorKind::invalid_input, fmt::format("{} is not from 1 to {}", name, most)};
  }
  return value;
}

Result<std::string> endpoint(const Environment& environment) {
  if (const auto given = find_variable(environment, "AWS_EC2_METADATA_SERVICE_ENDPOINT")) {
    const auto url = net::parse_url(*given);
    if (!url) return in_context("AWS_EC2_METADATA_SERVICE_ENDPOINT", url.error());
    return given->substr(0, given->find_last_not_of('/') + 1);
  }
  const auto mode = find_variable(environment, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE");
  const bool is_v6 = mode && (*mode == "ipv6" || *mode == "IPv6" || *mode == "IPV6");
  return std::string(is_v6 ? kEndpointV6 : kEndpoint);
}

// A session with the metadata service.
class Metadata {
 public:
  static Result<Metadata> make(const Environment& environment, net::HttpTransport& transport) {
    const int seconds =
        TRY(number(environment, "AWS_METADATA_SERVICE_TIMEOUT", 1, kTimeoutSecondsMax));
    const int attempts =
        TRY(number(environment, "AWS_METADATA_SERVICE_NUM_ATTEMPTS", 0, kAttemptsMax));
    return Metadata(transport, TRY(endpoint(environment)), Seconds{seconds}, attempts);
  }

  const std::string& endpoint_url() const { return endpoint_; }

  // One attempt unless more are asked for: whoever is not on EC2 waits for this one.
  Result<net::HttpResponse> fetch_token() {
    net::HttpRequest request;
    request.method = "PUT";
    request.url = endpoint_ + "/latest/api/token";
    request.headers = {{"X-aws-ec2-metadata-token-ttl-seconds", kTokenLifeSeconds}};
    return send(std::move(request), std::max(attempts_, 1));
  }

  Status use_token(std::string text) {
    token_ = Secret(std::move(text));
    log::redact(token_);
    const std::string_view token = token_.reveal();
    const bool fits =
        !token.empty() && token.size() <= kTokenBytesMax &&
        std::all_of(token.begin(), token.end(), [](char c) { return c > 0x20 && c < 0x7f; });
    if (fits) return Done{};
    return Error{ErrorKind::corrupt, "instance metadata service gave a malformed token"};
  }

  // Two attempts: a service that gave a token is there.
  Result<net::HttpResponse> get(std::string path) {
    net::HttpRequest request;
    request.url = endpoint_ + std::move(path);
    request.headers = {{"X-aws-ec2-metadata-token", std::string(token_.reveal())}};
    return send(std::move(request), std::max(attempts_, 2));
  }

 private:
  Metadata(net::HttpTransport& transport, std::string endpoint, Seconds timeout, int attempts)
      : transport_(transport),
        endpoint_(std::move(endpoint)),
        timeout_(timeout),
        attempts_(attempts) {}

  Result<net::HttpResponse> send(net::HttpRequest request, int attempts) {
    request.deadline = timeout_;
    request.response_bytes_max = kCredentialJsonBytesMax;
    for (int attempt = 1;; ++attempt) {
      auto response = transport_.send(request);
      const bool again = response ? response->status >= 500
                                  : response.error().kind == ErrorKind::unavailable ||
                                        response.error().kind == ErrorKind::timed_out;
      if (!again || attempt >= attempts) return response;
    }
  }

  net::HttpTransport& transport_;
  std::string endpoint_;
  Millis timeout_;
  int attempts_;  // 0: our own choice
  Secret token_;
};

// Of IAM's own alphabet, so that it can stand in a path. The answer may hold several lines.
Result<std::string> role_name(std::string_view answer) {
  const std::string_view name = answer.substr(0, answer.find_first_of("\r\n"));
  constexpr std::string_view kAllowed = "+=,.@-_";
  const bool fits =
      !name.empty() && name.size() <= 128 && std::all_of(name.begin(), name.end(), [&](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               kAllowed.find(c) != std::string_view::npos;
      });
  if (fits) return std::string(name);
  return Error{ErrorKind::corrupt, "instance metadata service gave a malformed role name"};
}

Error answered(std::string_view what, int status) {
  return Error{status >= 500 ? ErrorKind::unavailable : ErrorKind::denied,
               fmt::format("instance metadata service answered {} to {}", status, what)};
}

}  // namespace

Result<LinkAnswer> instance_credentials(const Environment& environment,
                                        net::HttpTransport& transport) {
  if (is_true(find_variable(environment, "AWS_EC2_METADATA_DISABLED").value_or(""))) {
    return passed("AWS_EC2_METADATA_DISABLED is true");
  }
  Metadata metadata = TRY(Metadata::make(environment, transport));
  auto token = metadata.fetch_token();
  if (!token && token.error().kind == ErrorKind::cancelled) return std::move(token).error();
  if (!token) {
    return passed(fmt::format("no answer from {} ({}); {}", metadata.endpoint_url(),
                              token.error().message, kHopLimitHint));
  }
  if (token->status != 200) {
    return passed(fmt::format("{} answered {} to the request for an IMDSv2 token",
                              metadata.endpoint_url(), token->status));
  }
  TRY(metadata.use_token(std::move(token->body)));

  const net::HttpResponse roles = TRY(metadata.get(std::string(kRolePath)));
  if (roles.status == 404) return passed("the instance has no role");
  if (roles.status != 200) return answered("the question for the role", roles.status);
  if (roles.body.empty()) return passed("the instance has no role");
  const std::string role = TRY(role_name(roles.body));
  net::HttpResponse keys = TRY(metadata.get(std::string(kRolePath) + net::percent_encode(role)));
  const Secret body(std::move(keys.body));
  if (keys.status != 200) return answered("the question for the role's keys", keys.status);
  return LinkAnswer{TRY(decode_credentials(body.reveal(), CredentialJson::metadata, kOrigin)), {}};
}

}  // namespace tidemark::aws
