// Policies as text: JSON as IAM takes it, Terraform, CloudFormation, and sentences for people.
//
// The same policy always gives the same bytes.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "iam/policy.h"

namespace tidemark::iam {

enum class Format : std::uint8_t { json, terraform, cloudformation };

// Fails with invalid_input.
Result<Format> parse_format(std::string_view name);

// Ends with a line end.
std::string render(const Policy& policy, Format format);

// What each statement is for and what it stops.
std::string explain(const Policy& policy);

// Fails with exhausted when AWS would refuse it for its size: 6,144 characters without white space
// of a managed policy, 20,480 bytes of a bucket's ("IAM and AWS STS quotas", "Bucket policies").
Status check_size(const Policy& policy);

}  // namespace tidemark::iam
