#include "aws/auth/sigv4.h"

#include <algorithm>

#include <fmt/format.h>

#include "aws/auth/canonical_request.h"
#include "base/encoding.h"
#include "crypto/hash.h"
#include "net/url.h"

namespace tidemark::aws {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view kUnsignedPayload = "UNSIGNED-PAYLOAD";

bool is_s3(const SigningScope& scope) { return scope.service == "s3"; }

PathRule path_rule(const SigningScope& scope) {
  return is_s3(scope) ? PathRule::as_sent : PathRule::normalised_and_encoded_again;
}

// "20261122T020000Z": RFC 3339 without its punctuation.
std::string basic_time(TimePoint time) {
  std::string text = format_time(time);
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text;
}

std::string scope_text(const SigningScope& scope, std::string_view time) {
  return fmt::format("{}/{}/{}/aws4_request", time.substr(0, 8), scope.region, scope.service);
}

std::string signature(const CanonicalRequest& request, const Credentials& credentials,
                      const SigningScope& scope, std::string_view time) {
  const std::string text = fmt::format("{}\n{}\n{}\n{}", kAlgorithm, time, scope_text(scope, time),
                                       to_hex(crypto::sha256(request.text)));
  Secret key("AWS4" + std::string(credentials.secret_access_key.reveal()));
  for (const std::string_view part :
       {time.substr(0, 8), std::string_view(scope.region), std::string_view(scope.service),
        std::string_view("aws4_request")}) {
    key = Secret(crypto::hmac_sha256(key.reveal(), part));
  }
  return to_hex(crypto::hmac_sha256(key.reveal(), text));
}

void set_header(net::Headers& headers, std::string_view name, std::string value) {
  const auto is_same = [&](const auto& header) {
    return std::equal(header.first.begin(), header.first.end(), name.begin(), name.end(),
                      [](char a, char b) { return (a | 32) == (b | 32); });
  };
  std::erase_if(headers, is_same);
  if (!value.empty()) headers.emplace_back(name, std::move(value));
}

Status check_scope(const Credentials& credentials, const SigningScope& scope) {
  if (credentials.access_key_id.empty() || credentials.secret_access_key.empty()) {
    return Error{ErrorKind::denied, "credentials from " + credentials.provider + " are empty"};
  }
  if (scope.region.empty()) {
    return Error{ErrorKind::invalid_input, "no region to sign for " + scope.service,
                 "set AWS_REGION, or region in the profile"};
  }
  return Done{};
}

Result<std::string> payload_hash(const net::HttpRequest& request, const SigningScope& scope,
                                 std::string_view scheme, PayloadSigning payload) {
  if (payload == PayloadSigning::hashed) return to_hex(crypto::sha256(request.body));
  if (!is_s3(scope) || scheme != "https") {
    return Error{ErrorKind::invalid_input, "only S3 over https takes an unsigned payload"};
  }
  return std::string(kUnsignedPayload);
}

}  // namespace

Status sign(net::HttpRequest& request, const Credentials& credentials, const SigningScope& scope,
            TimePoint now, const SigningOptions& options) {
  TRY(check_scope(credentials, scope));
  const net::Url url = TRY(net::parse_url(request.url));
  const std::string hash = TRY(payload_hash(request, scope, url.scheme, options.payload));
  const std::string time = basic_time(now);

  net::Headers headers = request.headers;
  if (!net::find_header(headers, "Host")) headers.emplace_back("Host", url.authority());
  set_header(headers, "Authorization", {});
  set_header(headers, "X-Amz-Date", time);
  set_header(headers, "X-Amz-Security-Token", std::string(credentials.session_token.reveal()));
  if (is_s3(scope)) set_header(headers, "X-Amz-Content-Sha256", hash);

  const CanonicalRequest canonical =
      TRY(canonical_request(request.method, url, headers, path_rule(scope), hash));
  headers.emplace_back(
      "Authorization",
      fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}", kAlgorithm,
                  credentials.access_key_id, scope_text(scope, time), canonical.signed_headers,
                  signature(canonical, credentials, scope, time)));
  request.headers = std::move(headers);
  return Done{};
}

Result<Secret> presign_url(std::string_view method, std::string_view url,
                           const Credentials& credentials, const SigningScope& scope, TimePoint now,
                           Seconds life) {
  TRY(check_scope(credentials, scope));
  if (life < Seconds{1} || life > kPresignedLifeMax) {
    return Error{ErrorKind::invalid_input, "a presigned URL lives from 1 second to 7 days"};
  }
  net::Url parts = TRY(net::parse_url(url));
  const std::string time = basic_time(now);
  const std::string credential = credentials.access_key_id + "/" + scope_text(scope, time);
  std::string added = fmt::format(
      "X-Amz-Algorithm={}&X-Amz-Credential={}&X-Amz-Date={}&X-Amz-Expires={}"
      "&X-Amz-SignedHeaders=host",
      kAlgorithm, net::percent_encode(credential), time, life.count());
  if (!credentials.session_token.empty()) {
    added += "&X-Amz-Security-Token=" + net::percent_encode(credentials.session_token.reveal());
  }
  std::string signed_url(url);
  if (!parts.query.empty()) {
    signed_url += '&';
  } else if (!signed_url.ends_with('?')) {
    signed_url += '?';
  }
  signed_url += added;
  parts.query += (parts.query.empty() ? "" : "&") + added;

  const std::string hash =
      is_s3(scope) ? std::string(kUnsignedPayload) : to_hex(crypto::sha256({}));
  const CanonicalRequest canonical =
      TRY(canonical_request(method, parts, {{"Host", parts.authority()}}, path_rule(scope), hash));
  signed_url += "&X-Amz-Signature=" + signature(canonical, credentials, scope, time);
  return Secret(std::move(signed_url));
}

}  // namespace tidemark::aws
