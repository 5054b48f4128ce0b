// The policies of the buckets themselves: they bind everybody, administrators included.
#include "iam/resources.h"
#include "iam/roles.h"

namespace tidemark::iam {
namespace {

// What ends history, at once or by and by, or lets somebody do so. Those of access points are not
// in it: S3 takes no such action in the policy of a bucket.
const std::vector<std::string>& history_actions() {
  static const std::vector<std::string> kActions = {
      "s3:DeleteObjectVersion",
      "s3:BypassGovernanceRetention",
      "s3:PutObjectLegalHold",
      "s3:UpdateObjectEncryption",
      "s3:PutBucketVersioning",
      "s3:PutLifecycleConfiguration",
      "s3:PutBucketObjectLockConfiguration",
      "s3:PutReplicationConfiguration",
      "s3:PutBucketPolicy",
      "s3:DeleteBucketPolicy",
      "s3:DeleteBucket",
      "s3:PutBucketAcl",
      "s3:PutObjectAcl",
      "s3:PutObjectVersionAcl",
      "s3:PutBucketOwnershipControls",
      "s3:PutBucketPublicAccessBlock",
      "s3:PutEncryptionConfiguration",
      "s3:PutBucketTagging",
  };
  return kActions;
}

std::vector<std::string> whole(const Facts& facts, const Bucket& bucket) {
  return {bucket_arn(facts, bucket), bucket_arn(facts, bucket) + "/*"};
}

Statement tls_only(const Facts& facts, const Bucket& bucket) {
  return {.id = "TlsOnly",
          .purpose = "let nothing through that could be read on its way",
          .stops = "requests without TLS",
          .effect = Effect::deny,
          .actions = {"s3:*"},
          .resources = whole(facts, bucket),
          .conditions = {{"Bool", "aws:SecureTransport", {"false"}}}};
}

Statement no_foreign_keys(const Facts& facts, const Bucket& bucket) {
  return {
      .id = "NoForeignKeys",
      .purpose = "keep objects readable by their owner",
      .stops = "encrypting with a key that only the sender has (SSE-C), a way of extortion",
      .effect = Effect::deny,
      .actions = {"s3:PutObject"},
      .resources = {bucket_arn(facts, bucket) + "/*"},
      .conditions = {{"Null", "s3:x-amz-server-side-encryption-customer-algorithm", {"false"}}}};
}

Statement history_is_sacred(const Facts& facts, const Bucket& bucket) {
  return {.id = "HistoryIsSacred",
          .purpose =
              "leave changes of the bucket and the end of versions to one role, kept apart; "
              "lifecycle rules go on working",
          .stops =
              "destroying versions and everything that would allow it, for every principal "
              "of the account but that role and the root user, who can remove this policy",
          .effect = Effect::deny,
          .actions = history_actions(),
          .resources = whole(facts, bucket),
          .conditions = {{"ArnNotLike", "aws:PrincipalArn", {facts.break_glass}}}};
}

}  // namespace

Policy repository_bucket(const Facts& facts) {
  const Bucket& bucket = facts.repository;
  Policy policy{.name = "repo-bucket",
                .kind = Kind::of_bucket,
                .bucket = bucket.name,
                .statements = {tls_only(facts, bucket)}};
  policy.statements.push_back(
      {.id = "NoOverwrite",
       .purpose = "take an object only when there is none of that name; parts of an upload are "
                  "exempt, its end is not",
       .stops = "overwriting; copies within S3 too, which no part of Tidemark makes here",
       .effect = Effect::deny,
       .actions = {"s3:PutObject"},
       .resources = {bucket_arn(facts, bucket) + "/*"},
       .conditions = {{"Null", "s3:if-none-match", {"true"}},
                      {"Bool", "s3:ObjectCreationOperation", {"true"}}}});
  policy.statements.push_back(no_foreign_keys(facts, bucket));
  policy.statements.push_back(history_is_sacred(facts, bucket));
  return policy;
}

Policy files_bucket(const Facts& facts) {
  const Bucket& bucket = facts.files.front();
  return {.name = "files-bucket",
          .kind = Kind::of_bucket,
          .bucket = bucket.name,
          .statements = {tls_only(facts, bucket), no_foreign_keys(facts, bucket),
                         history_is_sacred(facts, bucket)}};
}

}  // namespace tidemark::iam
