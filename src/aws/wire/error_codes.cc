#include "aws/wire/error_codes.h"

#include <algorithm>
#include <optional>
#include <span>

namespace tidemark::aws {
namespace {

using Codes = std::span<const std::string_view>;

bool is_one_of(std::string_view code, Codes codes) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

// The same list as "standard" mode of the AWS SDKs.
constexpr std::string_view kThrottling[] = {"Throttling",
                                            "ThrottlingException",
                                            "ThrottledException",
                                            "RequestThrottledException",
                                            "TooManyRequestsException",
                                            "ProvisionedThroughputExceededException",
                                            "TransactionInProgressException",
                                            "RequestLimitExceeded",
                                            "BandwidthLimitExceeded",
                                            "LimitExceededException",
                                            "RequestThrottled",
                                            "SlowDown",
                                            "PriorRequestNotComplete",
                                            "EC2ThrottledException"};

// They come with status 200 and 400 too.
constexpr std::string_view kTransient[] = {
    "InternalError",        "InternalFailure",         "InternalServerError",
    "InternalServiceError", "ServiceUnavailable",      "ServiceUnavailableException",
    "RequestTimeout",       "RequestTimeoutException", "IDPCommunicationError"};

constexpr std::string_view kExpiredSession[] = {"ExpiredToken", "ExpiredTokenException",
                                                "RequestExpired", "TokenRefreshRequired"};

constexpr std::string_view kMaybeSkew[] = {
    "RequestTimeTooSkewed",      "RequestExpired",   "RequestInTheFuture", "SignatureDoesNotMatch",
    "InvalidSignatureException", "InvalidSignature", "AuthFailure"};

constexpr std::string_view kUnknownKey[] = {"InvalidClientTokenId", "UnrecognizedClientException",
                                            "InvalidAccessKeyId", "InvalidToken"};

constexpr std::string_view kForbidden[] = {
    "AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError",
    "Forbidden",    "NotAuthorized"};

constexpr std::string_view kKeyTrouble[] = {
    "KMSKeyNotAccessibleFault",  "KMSAccessDeniedException",     "KMSDisabledException",
    "KMSInvalidStateException",  "KMSNotFoundException",         "KMS.DisabledException",
    "KMS.InvalidStateException", "KMS.KMSInvalidStateException", "KMS.NotFoundException",
    "KMS.AccessDeniedException"};

constexpr std::string_view kOtherDenied[] = {"OptInRequired",
                                             "MissingAuthenticationToken",
                                             "MissingAuthenticationTokenException",
                                             "IncompleteSignature",
                                             "AuthorizationHeaderMalformed",
                                             "AccountProblem",
                                             "AllAccessDisabled",
                                             "NotSignedUp",
                                             "PendingVerification",
                                             "RegionDisabledException",
                                             "IDPRejectedClaim",
                                             "InvalidIdentityToken",
                                             "InvalidSecurity"};

constexpr std::string_view kConflict[] = {"OperationAborted", "ConditionalRequestConflict",
                                          "PreconditionFailed", "DBInstanceNotReady",
                                          "DBClusterNotReady"};

constexpr std::string_view kInvalid[] = {"ValidationError",      "ValidationException",
                                         "InvalidRequest",       "InvalidArgument",
                                         "MissingParameter",     "MalformedXML",
                                         "MalformedQueryString", "InvalidQueryParameter",
                                         "PackedPolicyTooLarge", "MalformedPolicyDocument"};

bool is_denied(std::string_view code) {
  return is_one_of(code, kExpiredSession) || is_one_of(code, kMaybeSkew) ||
         is_one_of(code, kUnknownKey) || is_one_of(code, kForbidden) ||
         is_one_of(code, kKeyTrouble) || is_one_of(code, kOtherDenied);
}

std::optional<ErrorKind> kind_by_table(std::string_view code) {
  if (is_one_of(code, kThrottling) || is_one_of(code, kTransient)) return ErrorKind::unavailable;
  if (is_denied(code)) return ErrorKind::denied;
  if (is_one_of(code, kConflict)) return ErrorKind::conflict;
  if (is_one_of(code, kInvalid)) return ErrorKind::invalid_input;
  if (code == "BucketAlreadyOwnedByYou") return ErrorKind::already_exists;
  if (code == "NotImplemented" || code == "InvalidAction") return ErrorKind::unsupported;
  return std::nullopt;
}

// The model of a service says "DBSnapshotNotFoundFault" where the wire says "DBSnapshotNotFound".
std::string_view without_suffix(std::string_view code) {
  for (const std::string_view suffix : {"Fault", "Exception", "Error"})
    if (code.ends_with(suffix)) code.remove_suffix(suffix.size());
  return code;
}

std::optional<ErrorKind> kind_by_form(std::string_view code) {
  const std::string_view stem = without_suffix(code);
  if (stem.ends_with("NotFound") || stem.starts_with("NoSuch")) return ErrorKind::not_found;
  if (stem.ends_with("AlreadyExists")) return ErrorKind::already_exists;
  if (stem.starts_with("Invalid") && stem.ends_with("State")) return ErrorKind::conflict;
  if (stem.ends_with("QuotaExceeded") || stem.ends_with("LimitExceeded") ||
      stem.starts_with("TooMany") ||
      (stem.starts_with("Insufficient") && stem.ends_with("Capacity")))
    return ErrorKind::exhausted;
  if (stem.starts_with("InvalidParameter")) return ErrorKind::invalid_input;
  if (stem.starts_with("Unsupported") || stem.ends_with("NotSupported"))
    return ErrorKind::unsupported;
  return std::nullopt;
}

ErrorKind kind_by_status(int status) {
  switch (status) {
    case 401:
    case 403: return ErrorKind::denied;
    case 404: return ErrorKind::not_found;
    case 408:
    case 429: return ErrorKind::unavailable;
    case 409:
    case 412: return ErrorKind::conflict;
    case 501: return ErrorKind::unsupported;
    default: return status >= 500 ? ErrorKind::unavailable : ErrorKind::rejected;
  }
}

}  // namespace

ErrorKind kind_of_code(std::string_view code, int http_status) {
  if (const auto kind = kind_by_table(code)) return *kind;
  if (http_status < 500)
    if (const auto kind = kind_by_form(code)) return *kind;
  return kind_by_status(http_status);
}

std::string_view hint_for_code(std::string_view code) {
  if (code == "RequestTimeTooSkewed" || code == "RequestInTheFuture")
    return "Set this machine's clock; AWS tolerates five minutes.";
  if (is_one_of(code, kExpiredSession)) return "Renew the session that these credentials are of.";
  if (is_one_of(code, kUnknownKey))
    return "Check which credentials are used: AWS does not know their access key.";
  if (is_one_of(code, kMaybeSkew))
    return "Check that the secret key belongs to the access key, and this machine's clock.";
  if (is_one_of(code, kForbidden))
    return "grant it to these credentials; `tidemark iam` prints the policies";
  if (is_one_of(code, kKeyTrouble))
    return "Check that the KMS key is enabled and that its policy lets this role use it.";
  if (code == "OptInRequired" || code == "RegionDisabledException")
    return "Enable the region for this account.";
  if (code == "SnapshotQuotaExceeded")
    return "Either the manual snapshots of the region or the copies under way are too many; "
           "the message says which.";
  if (is_throttling(code)) return "AWS asks for fewer calls; try again later.";
  return {};
}

bool is_throttling(std::string_view code) { return is_one_of(code, kThrottling); }
bool is_expired_session(std::string_view code) { return is_one_of(code, kExpiredSession); }
bool may_be_clock_skew(std::string_view code) { return is_one_of(code, kMaybeSkew); }

}  // namespace tidemark::aws
