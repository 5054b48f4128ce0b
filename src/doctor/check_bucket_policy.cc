// The policy that stands on a bucket: what it opens, and what it fails to close.
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "doctor/dangers.h"
#include "doctor/diagnose.h"

namespace tidemark::doctor {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kPolicyBytesMax = 64 << 10;  // AWS takes 20 KB

// One text or a list of them.
std::vector<std::string> texts(const Json& statement, const char* name) {
  std::vector<std::string> all;
  const auto found = statement.find(name);
  if (found == statement.end()) return all;
  if (found->is_string()) all.push_back(found->get<std::string>());
  if (found->is_array())
    for (const Json& one : *found)
      if (one.is_string()) all.push_back(one.get<std::string>());
  return all;
}

char lowered(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

// * and ? in any case, as IAM compares actions. Goes back to the last star only, so that no pattern
// takes long.
bool like(std::string_view text, std::string_view pattern) {
  std::size_t t = 0, p = 0, star = std::string_view::npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() &&
               (pattern[p] == '?' || lowered(pattern[p]) == lowered(text[t]))) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

bool speaks_of(const Json& statement, std::string_view action) {
  const auto any = [&](const char* name) {
    const auto patterns = texts(statement, name);
    return std::any_of(patterns.begin(), patterns.end(),
                       [&](const std::string& pattern) { return like(action, pattern); });
  };
  return statement.contains("NotAction") ? !any("NotAction") : any("Action");
}

// "everybody", or the names that stand there.
std::string principal_of(const Json& statement) {
  const auto found = statement.find("Principal");
  if (found == statement.end()) return "all but some";  // NotPrincipal
  if (found->is_string()) return "everybody";
  std::string names;
  if (found->is_object())
    for (const auto& [kind, value] : found->items())
      for (const std::string& name : texts(*found, kind.c_str())) {
        if (name == "*") return "everybody";
        names += (names.empty() ? "" : ", ") + name;
      }
  return names;
}

bool has_condition(const Json& statement, std::string_view key) {
  const auto conditions = statement.find("Condition");
  if (conditions == statement.end() || !conditions->is_object()) return false;
  for (const auto& [test, keys] : conditions->items())
    if (keys.is_object())
      for (const auto& [name, value] : keys.items())
        if (like(name, key)) return true;
  return false;
}

bool is(const Json& statement, std::string_view effect) {
  const auto found = statement.find("Effect");
  return found != statement.end() && found->is_string() && found->get<std::string>() == effect;
}

void check_allows(const Json& statement, const std::string& object, Findings& findings) {
  const std::string who = principal_of(statement);
  for (const Danger& danger : bucket_dangers()) {
    if (!speaks_of(statement, danger.action)) continue;
    findings.push_back({.severity = danger.severity,
                        .check = fmt::format("bucket-policy-{}", danger.action),
                        .object = object,
                        .what = fmt::format("its policy allows {} to {}", danger.action, who),
                        .means = std::string(danger.means),
                        .fix = "take that statement out of the policy"});
  }
  if (who != "everybody" || statement.contains("Condition")) return;
  for (const std::string_view action : {"s3:PutObject", "s3:DeleteObject", "s3:GetObject"})
    if (speaks_of(statement, action))
      findings.push_back(
          {.severity = action == "s3:GetObject" ? Severity::warning : Severity::critical,
           .check = fmt::format("bucket-policy-{}", action),
           .object = object,
           .what = fmt::format("its policy allows {} to everybody", action),
           .means = action == "s3:GetObject" ? "everybody reads its files"
                                             : "everybody overwrites or hides its files",
           .fix = "take that statement out of the policy"});
}

void check_denies(const std::vector<Json>& denies, const Bucket& bucket, const std::string& object,
                  Findings& findings) {
  const bool repository = bucket.purpose == Purpose::repository;
  const std::string fix = repository ? "tidemark iam repo-bucket" : "tidemark iam files-bucket";
  std::vector<std::string> open;
  for (const std::string_view action : {"s3:DeleteObjectVersion", "s3:PutBucketPolicy",
                                        "s3:PutLifecycleConfiguration", "s3:PutBucketVersioning"})
    if (std::none_of(denies.begin(), denies.end(),
                     [&](const Json& deny) { return speaks_of(deny, action); }))
      open.emplace_back(action);
  if (!open.empty())
    findings.push_back(
        {.severity = Severity::warning,
         .check = "bucket-policy-history",
         .object = object,
         .what = fmt::format("its policy denies {} of the calls that end history, {} "
                             "among them, to nobody",
                             open.size(), open.front()),
         .means = "what protects it is only that nobody was allowed to, so far",
         .fix = fix});
  const auto denied_by = [&](std::string_view action, std::string_view key) {
    return std::any_of(denies.begin(), denies.end(), [&](const Json& deny) {
      return speaks_of(deny, action) && has_condition(deny, key);
    });
  };
  if (!denied_by("s3:GetObject", "aws:SecureTransport"))
    findings.push_back({.severity = Severity::note,
                        .check = "bucket-policy-tls",
                        .object = object,
                        .what = "takes requests without TLS",
                        .means = "they can be read on their way",
                        .fix = fix});
  if (repository && !denied_by("s3:PutObject", "s3:if-none-match"))
    findings.push_back({.severity = Severity::warning,
                        .check = "repository-overwrites",
                        .object = object,
                        .what = "lets objects be overwritten",
                        .means = "a thief of the writer's credentials makes archives unreadable; "
                                 "versions are what is left then",
                        .fix = fix});
}

}  // namespace

void check_bucket_policy(const Bucket& bucket, const std::string& policy, Findings& findings) {
  const std::string object = "bucket " + bucket.settings.name;
  std::vector<Json> denies;
  if (!policy.empty()) {
    const Json json = policy.size() > kPolicyBytesMax
                          ? Json(Json::value_t::discarded)
                          : Json::parse(policy, nullptr, /*allow_exceptions=*/false);
    if (!json.is_object() || !json.contains("Statement")) {
      findings.push_back(
          not_known("bucket-policy", object, Error{ErrorKind::corrupt, "its policy is not one"}));
      return;
    }
    const Json& statements = json["Statement"];
    for (const Json& statement : statements.is_array() ? statements : Json::array({statements})) {
      if (!statement.is_object()) continue;
      if (is(statement, "Allow")) check_allows(statement, object, findings);
      if (is(statement, "Deny")) denies.push_back(statement);
    }
  }
  check_denies(denies, bucket, object, findings);
}

}  // namespace tidemark::doctor
