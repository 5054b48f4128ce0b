#include "aws/s3/s3_error.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "aws/wire/service_error.h"

namespace tidemark::aws {
namespace {

constexpr std::array<std::string_view, 7> kMayPass = {"ConditionalRequestConflict",
                                                      "OperationAborted",
                                                      "BadDigest",
                                                      "XAmzContentSHA256Mismatch",
                                                      "IncompleteBody",
                                                      "XAmzContentChecksumMismatch",
                                                      "NoSuchUpload"};

constexpr std::array<std::string_view, 4> kWrongRegion = {"PermanentRedirect", "TemporaryRedirect",
                                                          "AuthorizationHeaderMalformed",
                                                          "IllegalLocationConstraintException"};

template <std::size_t kCount>
bool is_one_of(std::string_view code, const std::array<std::string_view, kCount>& codes) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

}  // namespace

Error s3_error(const net::HttpResponse& response) {
  return in_terms_of_s3(service_error(response));
}

Error in_terms_of_s3(Error error) {
  if (is_one_of(error.code, kMayPass)) error.kind = ErrorKind::unavailable;
  if (is_one_of(error.code, kWrongRegion)) error.hint = "Set the region that the bucket is in.";
  if (error.code == "NoSuchBucket") {
    error.kind = ErrorKind::rejected;
    error.hint = "Check the name of the bucket, its region, and whose account it is in.";
  }
  if (error.code == "PreconditionFailed") error.kind = ErrorKind::already_exists;
  if (error.code == "InvalidObjectState")
    error.hint = "The object was moved to an archive class; restore it from there first.";
  return error;
}

}  // namespace tidemark::aws
