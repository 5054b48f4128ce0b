// The ARNs that policies name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "iam/facts.h"

namespace tidemark::iam {

// Text of the configuration as IAM takes it literally: * and ? are no wildcards in it, and ${ does
// not begin a policy variable ("IAM policy elements: variables and tags", special characters).
std::string literal(std::string_view text);

// In each region: "arn:aws:rds:eu-west-1:111122223333:snapshot:tidemark-*".
std::vector<std::string> rds_arns(const Facts& facts, std::string_view kind, std::string_view name);
// Of the instances, each with what follows its identifier: "" or "*".
std::vector<std::string> instance_arns(const Facts& facts, std::string_view rest = "");

std::string bucket_arn(const Facts& facts, const Bucket& bucket);
// Of keys below the bucket's prefix: "packs/*".
std::string object_arn(const Facts& facts, const Bucket& bucket, std::string_view pattern);

// The ARNs of several lists, in order.
std::vector<std::string> joined(std::vector<std::vector<std::string>> lists);

}  // namespace tidemark::iam
