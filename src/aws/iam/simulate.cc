#include "aws/iam/simulate.h"

#include <fmt/format.h>

namespace tidemark::aws::iam {
namespace {

constexpr std::string_view kVersion = "2010-05-08";
constexpr std::string_view kSession = ":assumed-role/";

Result<Decision> decision_of(const std::string& word) {
  if (word == "allowed") return Decision::allowed;
  if (word == "implicitDeny") return Decision::implicit_deny;
  if (word == "explicitDeny") return Decision::explicit_deny;
  return Error{ErrorKind::corrupt, fmt::format("IAM decided '{}', which is not known", word)};
}

Params parameters_of(const Question& question) {
  Params params = {{"PolicySourceArn", question.principal}};
  int number = 0;
  for (const std::string& action : question.actions)
    params.emplace_back(fmt::format("ActionNames.member.{}", ++number), action);
  number = 0;
  for (const std::string& resource : question.resources)
    params.emplace_back(fmt::format("ResourceArns.member.{}", ++number), resource);
  if (!question.source_ip.empty()) {
    params.emplace_back("ContextEntries.member.1.ContextKeyName", "aws:SourceIp");
    params.emplace_back("ContextEntries.member.1.ContextKeyType", "ip");
    params.emplace_back("ContextEntries.member.1.ContextKeyValues.member.1", question.source_ip);
  }
  return params;
}

}  // namespace

QueryService service_for(const std::string& region, const std::string& override_url) {
  QueryService service{.endpoint = "https://iam.amazonaws.com",
                       .version = std::string(kVersion),
                       .scope = {.region = "us-east-1", .service = "iam"}};
  if (region.starts_with("cn-")) {
    service.endpoint = "https://iam.cn-north-1.amazonaws.com.cn";
    service.scope.region = "cn-north-1";
  } else if (region.starts_with("us-gov-")) {
    service.endpoint = "https://iam.us-gov.amazonaws.com";
    service.scope.region = "us-gov-west-1";
  }
  if (!override_url.empty()) service.endpoint = override_url;
  return service;
}

std::string policy_source_of(const std::string& caller_arn) {
  const std::size_t at = caller_arn.find(kSession);
  const std::size_t sts = caller_arn.find(":sts:");
  if (at == std::string::npos || sts == std::string::npos) return caller_arn;
  const std::string name = caller_arn.substr(at + kSession.size());
  return caller_arn.substr(0, sts) + ":iam:" + caller_arn.substr(sts + 5, at - sts - 5) + ":role/" +
         name.substr(0, name.find('/'));
}

Result<std::vector<Answer>> simulate(QueryClient& query, const Question& question) {
  std::vector<Answer> answers;
  // Pages go by IsTruncated, but one of our questions is far below a page of 100.
  Params params = parameters_of(question);
  params.emplace_back("MaxItems", "1000");
  const auto answer = TRY(query.call("SimulatePrincipalPolicy", params));
  for (const XmlNode& one : result_of(answer).child("EvaluationResults").children("member")) {
    const Decision decision = TRY(decision_of(one.text("EvalDecision")));
    answers.push_back({one.text("EvalActionName"), one.text("EvalResourceName"), decision});
  }
  const bool more = TRY(result_of(answer).boolean("IsTruncated")).value_or(false);
  if (more || answers.size() < question.actions.size() * question.resources.size())
    return Error{
        ErrorKind::corrupt,
        fmt::format("IAM answered {} of {} questions about {}", answers.size(),
                    question.actions.size() * question.resources.size(), question.principal)};
  return answers;
}

}  // namespace tidemark::aws::iam
