// Where a bucket answers.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tidemark::aws {

struct BucketLocation {
  std::string bucket;
  std::string region;        // empty: us-east-1, from which S3 says where the bucket really is
  std::string endpoint_url;  // of another maker's S3; empty: that of AWS
  // The bucket in the path of the URL instead of in its host name. Unless said, so it is with an
  // endpoint of its own, which seldom has such host names, and with a dot in the bucket's name,
  // which no certificate covers.
  std::optional<bool> path_style;
};

inline constexpr std::string_view kDefaultS3Region = "us-east-1";

// By the rules of AWS, "General purpose bucket naming rules". Fails with invalid_input.
Status check_bucket_name(std::string_view name);

// The URL of the bucket in that region, without a slash at its end; a key follows after one. Fails
// with invalid_input on a malformed name, region or endpoint.
Result<std::string> bucket_url(const BucketLocation& location, std::string_view region);

}  // namespace tidemark::aws
