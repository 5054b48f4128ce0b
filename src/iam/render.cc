#include "iam/render.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace tidemark::iam {
namespace {

using Json = nlohmann::ordered_json;  // in the order in which people write policies

constexpr std::size_t kManagedCharactersMax = 6144;
constexpr std::size_t kBucketBytesMax = 20'480;
constexpr std::string_view kHereEnd = "POLICY";

Json one_or_many(const std::vector<std::string>& values) {
  if (values.size() == 1) return values.front();
  return values;
}

Json statement_json(const Statement& statement, Kind kind) {
  Json json;
  json["Sid"] = statement.id;
  json["Effect"] = statement.effect == Effect::allow ? "Allow" : "Deny";
  if (kind == Kind::of_bucket) json["Principal"] = "*";
  json[statement.scope == Scope::all_other_actions ? "NotAction" : "Action"] =
      one_or_many(statement.actions);
  json[statement.scope == Scope::all_other_resources ? "NotResource" : "Resource"] =
      one_or_many(statement.resources);
  for (const Condition& condition : statement.conditions)
    json["Condition"][condition.test][condition.key] = one_or_many(condition.values);
  return json;
}

Json policy_json(const Policy& policy) {
  Json json;
  json["Version"] = "2012-10-17";
  json["Statement"] = Json::array();
  for (const Statement& statement : policy.statements)
    json["Statement"].push_back(statement_json(statement, policy.kind));
  return json;
}

// In a here-document Terraform reads ${ and %{ as its own.
std::string here_document(std::string text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool opens = i + 1 < text.size() && text[i + 1] == '{';
    if (opens && (text[i] == '$' || text[i] == '%')) out += text[i];
    out += text[i];
  }
  return out;
}

std::string terraform(const Policy& policy) {
  std::string label = policy.name;
  std::replace(label.begin(), label.end(), '-', '_');
  const std::string document = here_document(policy_json(policy).dump(2));
  if (policy.kind == Kind::of_bucket)
    return fmt::format(
        "resource \"aws_s3_bucket_policy\" \"tidemark_{}\" {{\n  bucket = \"{}\"\n"
        "  policy = <<{}\n{}\n{}\n}}\n",
        label, policy.bucket, kHereEnd, document, kHereEnd);
  return fmt::format(
      "resource \"aws_iam_policy\" \"tidemark_{}\" {{\n  name        = \"tidemark-{}\"\n"
      "  description = \"Tidemark: {}\"\n  policy      = <<{}\n{}\n{}\n}}\n",
      label, policy.name, policy.name, kHereEnd, document, kHereEnd);
}

// "repo-writer" as a logical id: letters and digits only.
std::string logical_id(std::string_view name) {
  std::string id = "Tidemark";
  bool upper = true;
  for (const char c : name) {
    if (c != '-') id += upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    upper = c == '-';
  }
  return id;
}

std::string cloudformation(const Policy& policy) {
  Json properties;
  if (policy.kind == Kind::of_bucket) {
    properties["Bucket"] = policy.bucket;
  } else {
    properties["ManagedPolicyName"] = "tidemark-" + policy.name;
    properties["Description"] = "Tidemark: " + policy.name;
  }
  properties["PolicyDocument"] = policy_json(policy);
  Json json;
  json["AWSTemplateFormatVersion"] = "2010-09-09";
  json["Description"] = "Tidemark: " + policy.name;
  Json& resource = json["Resources"][logical_id(policy.name)];
  resource["Type"] =
      policy.kind == Kind::of_bucket ? "AWS::S3::BucketPolicy" : "AWS::IAM::ManagedPolicy";
  resource["Properties"] = std::move(properties);
  return json.dump(2) + "\n";
}

}  // namespace

Result<Format> parse_format(std::string_view name) {
  if (name == "json") return Format::json;
  if (name == "terraform") return Format::terraform;
  if (name == "cloudformation") return Format::cloudformation;
  return Error{ErrorKind::invalid_input, fmt::format("--format is '{}'", name),
               "give json, terraform or cloudformation"};
}

std::string render(const Policy& policy, Format format) {
  switch (format) {
    case Format::json: return policy_json(policy).dump(2) + "\n";
    case Format::terraform: return terraform(policy);
    case Format::cloudformation: return cloudformation(policy);
  }
  return "";
}

std::string explain(const Policy& policy) {
  std::string text;
  for (const Statement& statement : policy.statements) {
    const std::string_view effect = statement.effect == Effect::deny ? "denies" : "allows";
    const bool others = statement.scope == Scope::all_other_actions;
    text += fmt::format("{}\n  for     {}\n  stops   {}\n  {}  {}{}\n", statement.id,
                        statement.purpose, statement.stops, effect, others ? "all but " : "",
                        fmt::join(statement.actions, ", "));
  }
  return text;
}

Status check_size(const Policy& policy) {
  const std::string compact = policy_json(policy).dump();
  const std::size_t most = policy.kind == Kind::of_bucket ? kBucketBytesMax : kManagedCharactersMax;
  if (compact.size() <= most) return Done{};
  return Error{ErrorKind::exhausted,
               fmt::format("the policy {} has {} characters; AWS takes {}", policy.name,
                           compact.size(), most),
               "name fewer instances in one configuration, or print fewer roles at once"};
}

}  // namespace tidemark::iam
