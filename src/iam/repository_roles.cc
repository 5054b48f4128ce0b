// The roles around the repository of archives in a bucket.
#include <algorithm>

#include <fmt/format.h>

#include "iam/resources.h"
#include "iam/roles.h"

namespace tidemark::iam {
namespace {

std::vector<std::string> objects(const Facts& facts, std::initializer_list<std::string_view> keys) {
  std::vector<std::string> arns;
  for (const std::string_view key : keys) arns.push_back(object_arn(facts, facts.repository, key));
  return arns;
}

// A HEAD of a missing object is answered "missing" only to those who may list, and AWS asks for
// that without a prefix; so the listing cannot be narrowed to one.
void add_reading(const Facts& facts, Policy& policy) {
  policy.statements.push_back({.id = "ListTheRepository",
                               .purpose = "list objects, and tell a missing one from a refusal",
                               .stops = "listing any other bucket",
                               .actions = {"s3:ListBucket"},
                               .resources = {bucket_arn(facts, facts.repository)}});
  policy.statements.push_back(
      {.id = "ReadTheRepository",
       .purpose = "read objects; all of them are sealed, so the key is needed too",
       .stops = "reading outside of the repository, and old versions",
       .actions = {"s3:GetObject"},
       .resources = objects(facts, {"*"})});
}

void add_key_of_bucket(const Facts& facts, Policy& policy) {
  if (facts.repository_key.empty()) return;
  policy.statements.push_back(
      {.id = "TheKeyOfTheBucket",
       .purpose = "let S3 use the key that the bucket encrypts with",
       .stops = "any use of the key but through S3",
       .actions = {"kms:Decrypt", "kms:GenerateDataKey"},
       .resources = {facts.repository_key},
       .conditions = {{"StringEquals",
                       "kms:ViaService",
                       {fmt::format("s3.{}.amazonaws.com", facts.repository_region)}}}});
}

// Denies on the bucket everything but what the statements before it allow there.
void add_nothing_else(const Facts& facts, Policy& policy) {
  std::vector<std::string> allowed;
  for (const Statement& statement : policy.statements)
    for (const std::string& action : statement.actions)
      if (action.starts_with("s3:") &&
          std::find(allowed.begin(), allowed.end(), action) == allowed.end())
        allowed.push_back(action);
  policy.statements.push_back(
      {.id = "NothingElse",
       .purpose = "hold even when a wider policy is attached",
       .stops =
           "destroying versions, suspending versioning, rewriting the lifecycle, the policy or "
           "a lock, and whatever AWS adds next",
       .effect = Effect::deny,
       .actions = std::move(allowed),
       .resources = {bucket_arn(facts, facts.repository),
                     bucket_arn(facts, facts.repository) + "/*"},
       .scope = Scope::all_other_actions});
}

// Inventories are taken by whoever makes archives.
void add_listing_of_files(const Facts& facts, Policy& policy) {
  std::vector<std::string> buckets;
  for (const Bucket& bucket : facts.files) buckets.push_back(bucket_arn(facts, bucket));
  policy.statements.push_back(
      {.id = "ListTheFiles",
       .purpose = "take the inventory of the application's files with each archive and snapshot",
       .stops = "reading a file, and any change",
       .actions = {"s3:ListBucketVersions", "s3:GetBucketVersioning", "s3:ListBucket"},
       .resources = std::move(buckets)});
}

void add_reading_of_reports(const Facts& facts, Policy& policy) {
  if (facts.reports.empty()) return;
  std::vector<std::string> buckets;
  std::vector<std::string> folders;
  for (const Bucket& bucket : facts.reports) {
    buckets.push_back(bucket_arn(facts, bucket));
    folders.push_back(object_arn(facts, bucket, "*"));
  }
  policy.statements.push_back({.id = "FindTheReports",
                               .purpose = "find the newest report of S3 Inventory",
                               .stops = "listing any other bucket",
                               .actions = {"s3:ListBucket"},
                               .resources = std::move(buckets)});
  policy.statements.push_back({.id = "ReadTheReports",
                               .purpose = "make inventories of the reports of S3 Inventory",
                               .stops = "reading anything else there",
                               .actions = {"s3:GetObject"},
                               .resources = std::move(folders)});
}

}  // namespace

Policy repository_reader(const Facts& facts) {
  Policy policy{.name = "repo-reader", .bucket = "", .statements = {}};
  add_reading(facts, policy);
  policy.statements.push_back({.id = "SayThatSomebodyReads",
                               .purpose = "keep a prune from freeing what is being read",
                               .stops = "writing anything else; a lease lapses by itself",
                               .actions = {"s3:PutObject"},
                               .resources = objects(facts, {"leases/*"})});
  add_key_of_bucket(facts, policy);
  add_nothing_else(facts, policy);
  return policy;
}

Policy repository_writer(const Facts& facts) {
  Policy policy{.name = "repo-writer", .bucket = "", .statements = {}};
  add_reading(facts, policy);
  policy.statements.push_back(
      {.id = "Append",
       .purpose = "add archives, their leases and holds, and word of damaged packs; nothing is "
                  "ever written twice",
       .stops = "writing the keys, the configuration and marks of deletion",
       .actions = {"s3:PutObject", "s3:AbortMultipartUpload"},
       .resources = objects(
           facts, {"packs/*", "index/*", "manifests/*", "leases/*", "holds/*", "distrusts/*"})});
  add_key_of_bucket(facts, policy);
  add_nothing_else(facts, policy);
  if (facts.takes_inventories) add_listing_of_files(facts, policy);
  add_reading_of_reports(facts, policy);
  return policy;
}

Policy repository_pruner(const Facts& facts) {
  Policy policy{.name = "repo-pruner", .bucket = "", .statements = {}};
  add_reading(facts, policy);
  policy.statements.push_back(
      {.id = "MarkAndRepack",
       .purpose = "mark what shall go, and write what is repacked and indexed anew",
       .stops = "making archives",
       .actions = {"s3:PutObject", "s3:AbortMultipartUpload"},
       .resources = objects(
           facts, {"packs/*", "index/*", "leases/*", "marks/*", "removals/*", "distrusts/*"})});
  policy.statements.push_back({.id = "SeeUploadsLeftBehind",
                               .purpose = "find uploads that nobody will ever finish, and end them",
                               .stops = "listing those of any other bucket",
                               .actions = {"s3:ListBucketMultipartUploads"},
                               .resources = {bucket_arn(facts, facts.repository)}});
  policy.statements.push_back(
      {.id = "HideOnly",
       .purpose = "delete, which in a bucket with versions only adds a delete marker",
       .stops = "destroying a version: a lifecycle rule does that, after its own delay",
       .actions = {"s3:DeleteObject"},
       .resources = objects(facts, {"packs/*", "index/*", "manifests/*", "leases/*", "marks/*",
                                    "holds/*", "distrusts/*"})});
  add_key_of_bucket(facts, policy);
  policy.statements.push_back({.id = "NeverKeysOrConfig",
                               .purpose = "hold even when a wider policy is attached",
                               .stops = "making every archive unreadable at one blow",
                               .effect = Effect::deny,
                               .actions = {"s3:DeleteObject", "s3:PutObject"},
                               .resources = objects(facts, {"config", "keys/*", "keyrings/*"})});
  add_nothing_else(facts, policy);
  return policy;
}

Policy repository_keeper(const Facts& facts) {
  Policy policy{.name = "repo-keeper", .bucket = "", .statements = {}};
  add_reading(facts, policy);
  policy.statements.push_back(
      {.id = "MakeIt",
       .purpose = "make the repository, and add keys; `rekey` adds a generation, under a lease",
       .stops = "touching archives",
       .actions = {"s3:PutObject"},
       .resources = objects(facts, {"config", "keys/*", "keyrings/*", "leases/*", "probe/*"})});
  policy.statements.push_back({.id = "RemoveKeys",
                               .purpose = "remove keys, and what tried the bucket at its making",
                               .stops = "removing the configuration or an archive",
                               .actions = {"s3:DeleteObject"},
                               .resources = objects(facts, {"keys/*", "probe/*"})});
  add_key_of_bucket(facts, policy);
  add_nothing_else(facts, policy);
  return policy;
}

}  // namespace tidemark::iam
