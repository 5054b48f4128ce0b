// What IAM says that a role or user may do, asked without doing it.
#pragma once

#include <string>
#include <vector>

#include "aws/wire/query_client.h"

namespace tidemark::aws::iam {

// Where IAM answers: one place for each partition. override_url: another endpoint, or empty.
QueryService service_for(const std::string& region, const std::string& override_url);

// "arn:aws:iam::1:role/x" of a session "arn:aws:sts::1:assumed-role/x/session"; any other ARN as it
// is. A path before the role's name is not in the session's ARN, and so is lost.
std::string policy_source_of(const std::string& caller_arn);

struct Question {
  std::string principal;  // ARN of a role or user
  std::vector<std::string> actions;
  std::vector<std::string> resources;  // each action is asked of each
  std::string source_ip;               // empty: the request has none
};

enum class Decision : std::uint8_t { allowed, implicit_deny, explicit_deny };

struct Answer {
  std::string action;
  std::string resource;
  Decision decision = Decision::implicit_deny;
};

// By SimulatePrincipalPolicy, which leaves out policies of buckets and of keys. Fails with denied
// when the caller may not ask, and with corrupt when an answer is missing.
Result<std::vector<Answer>> simulate(QueryClient& query, const Question& question);

}  // namespace tidemark::aws::iam
