// The roles around the application's files, and the auditor, who only looks.
#include <algorithm>

#include <fmt/format.h>

#include "iam/resources.h"
#include "iam/roles.h"

namespace tidemark::iam {
namespace {

std::vector<std::string> buckets(const Facts& facts) {
  std::vector<std::string> arns;
  for (const Bucket& bucket : facts.files) arns.push_back(bucket_arn(facts, bucket));
  return arns;
}

std::vector<std::string> objects(const Facts& facts) {
  std::vector<std::string> arns;
  for (const Bucket& bucket : facts.files) arns.push_back(object_arn(facts, bucket, "*"));
  return arns;
}

void add_nothing_else(const Facts& facts, Policy& policy, std::string stops) {
  std::vector<std::string> allowed;
  for (const Statement& statement : policy.statements)
    for (const std::string& action : statement.actions)
      if (std::find(allowed.begin(), allowed.end(), action) == allowed.end())
        allowed.push_back(action);
  std::vector<std::string> everywhere = buckets(facts);
  for (const Bucket& bucket : facts.files) everywhere.push_back(bucket_arn(facts, bucket) + "/*");
  policy.statements.push_back({.id = "NothingElse",
                               .purpose = "hold even when a wider policy is attached",
                               .stops = std::move(stops),
                               .effect = Effect::deny,
                               .actions = std::move(allowed),
                               .resources = std::move(everywhere),
                               .scope = Scope::all_other_actions});
}

}  // namespace

Policy application_user(const Facts& facts) {
  Policy policy{.name = "app-user", .bucket = "", .statements = {}};
  policy.statements.push_back(
      {.id = "Work",
       .purpose = "read, write and delete files; deleting only adds a delete marker",
       .stops = "files of other prefixes and buckets",
       .actions = {"s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload",
                   "s3:ListMultipartUploadParts"},
       .resources = objects(facts)});
  policy.statements.push_back(
      {.id = "List",
       .purpose = "list files and unfinished uploads",
       .stops = "listing versions, which is the way to name one",
       .actions = {"s3:ListBucket", "s3:ListBucketMultipartUploads", "s3:GetBucketLocation"},
       .resources = buckets(facts)});
  add_nothing_else(
      facts, policy,
      "whatever else there is on this bucket, now or later: destroying versions, suspending "
      "versioning, lifecycle, policy, lock, ACL, tags (which lifecycle rules can match), "
      "replication and encryption; what your application needs more goes into Work and in here");
  return policy;
}

Policy files_restorer(const Facts& facts) {
  Policy policy{.name = "files-restorer", .bucket = "", .statements = {}};
  policy.statements.push_back(
      {.id = "SeeHistory",
       .purpose = "list versions, and see that there are any",
       .stops = "other buckets",
       .actions = {"s3:ListBucket", "s3:ListBucketVersions", "s3:GetBucketVersioning",
                   "s3:ListBucketMultipartUploads"},
       .resources = buckets(facts)});
  policy.statements.push_back(
      {.id = "ReadVersions",
       .purpose = "read any version, its checksums and its tags",
       .stops = "other prefixes",
       .actions = {"s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectAttributes",
                   "s3:GetObjectVersionAttributes", "s3:GetObjectTagging",
                   "s3:GetObjectVersionTagging"},
       .resources = objects(facts)});
  policy.statements.push_back(
      {.id = "RollForwardAsNewVersions",
       .purpose = "copy a version over the newest, put delete markers, and fetch from cold classes",
       .stops = "nothing that could not be undone the same way",
       .actions = {"s3:PutObject", "s3:PutObjectTagging", "s3:DeleteObject", "s3:RestoreObject",
                   "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"},
       .resources = objects(facts)});
  add_nothing_else(facts, policy,
                   "destroying or rewriting history, and every change of the bucket itself");
  return policy;
}

Policy auditor(const Facts&) {
  Policy policy{.name = "auditor", .bucket = "", .statements = {}};
  policy.statements.push_back(
      {.id = "LookAtDatabases",
       .purpose = "see instances, snapshots and with whom they are shared",
       .stops = "any change",
       .actions = {"rds:DescribeDBInstances", "rds:DescribeDBSnapshots",
                   "rds:DescribeDBSnapshotAttributes", "rds:DescribeDBInstanceAutomatedBackups",
                   "rds:DescribeDBParameters", "rds:DescribeAccountAttributes",
                   "rds:DescribeCertificates", "rds:ListTagsForResource"},
       .resources = {"*"}});
  policy.statements.push_back(
      {.id = "LookAtBuckets",
       .purpose = "see how the buckets are set up",
       .stops = "any change",
       .actions = {"s3:GetBucketVersioning", "s3:GetBucketObjectLockConfiguration",
                   "s3:GetLifecycleConfiguration", "s3:GetReplicationConfiguration",
                   "s3:GetBucketPolicy", "s3:GetBucketPolicyStatus",
                   "s3:GetBucketPublicAccessBlock", "s3:GetBucketOwnershipControls",
                   "s3:GetBucketAcl", "s3:GetEncryptionConfiguration"},
       .resources = {"*"}});
  policy.statements.push_back(
      {.id = "AskWhatOthersMay",
       .purpose = "simulate what a role or user is allowed, and see the state of keys",
       .stops = "changing a policy",
       .actions = {"iam:SimulatePrincipalPolicy", "kms:DescribeKey"},
       .resources = {"*"}});
  policy.statements.push_back({.id = "NoData",
                               .purpose = "hold even when a wider policy is attached",
                               .stops = "reading any content: files, archives, logs of servers",
                               .effect = Effect::deny,
                               .actions = {"s3:GetObject", "s3:GetObjectVersion", "kms:Decrypt",
                                           "rds:DownloadDBLogFilePortion"},
                               .resources = {"*"}});
  return policy;
}

}  // namespace tidemark::iam
