#include "doctor/dangers.h"

namespace tidemark::doctor {
namespace {

constexpr Danger kOfBuckets[] = {
    {"s3:PutBucketPolicy", false, Severity::critical,
     "whoever holds it can allow himself everything on the bucket, deleting versions included: the "
     "protection by versioning ends there"},
    {"s3:DeleteBucketPolicy", false, Severity::critical,
     "it takes away every Deny that the bucket's own policy has"},
    {"s3:PutLifecycleConfiguration", false, Severity::critical,
     "one rule that ends earlier versions after a day makes S3 itself destroy all history"},
    {"s3:DeleteObjectVersion", true, Severity::critical, "it destroys earlier versions at once"},
    {"s3:PutBucketVersioning", false, Severity::critical,
     "versioning can be suspended: from then on an overwritten file is gone"},
    {"s3:BypassGovernanceRetention", true, Severity::critical,
     "it deletes versions that are under a lock"},
    {"s3:PutBucketObjectLockConfiguration", false, Severity::critical,
     "the lock of new objects can be taken away"},
    {"s3:DeleteBucket", false, Severity::critical, "the bucket itself can be deleted once emptied"},
    {"s3:PutReplicationConfiguration", false, Severity::critical,
     "copies to another bucket can be stopped, or sent elsewhere"},
    {"s3:UpdateObjectEncryption", true, Severity::critical,
     "objects can be encrypted anew with a key that you do not have"},
    {"s3:PutEncryptionConfiguration", false, Severity::warning,
     "new objects can be encrypted with a key that somebody else may delete"},
    {"s3:PutBucketAcl", false, Severity::critical,
     "the bucket can be opened to everybody, writers included"},
    {"s3:PutObjectAcl", true, Severity::warning, "each file can be made public"},
    {"s3:PutObjectVersionAcl", true, Severity::warning, "each earlier version can be made public"},
    {"s3:PutBucketPublicAccessBlock", false, Severity::warning,
     "the block of public access can be lifted"},
    {"s3:PutBucketOwnershipControls", false, Severity::warning, "ACLs can be switched on again"},
    {"s3:PutBucketWebsite", false, Severity::warning,
     "the bucket can be made a web site, which is a way to carry files off"},
    {"s3:PutBucketLogging", false, Severity::warning, "the record of who did what can be stopped"},
    {"s3:PutBucketNotification", false, Severity::warning,
     "those who are told of changes can be cut off"},
    {"s3:PutBucketTagging", false, Severity::warning,
     "policies that go by the bucket's tags can be led astray"},
    {"s3:PutObjectTagging", true, Severity::note,
     "a lifecycle rule that goes by tags can be made to end files"},
};

constexpr Danger kOfSnapshots[] = {
    {"rds:DeleteDBSnapshot", false, Severity::warning,
     "a thief of these credentials deletes any snapshot at once, condemned or not"},
    {"rds:ModifyDBSnapshotAttribute", false, Severity::warning,
     "a thief of them shares any snapshot with his own account, which is all the data"},
    {"rds:DeleteDBInstance", false, Severity::warning, "a thief of them deletes instances"},
    {"rds:ModifyDBInstance", false, Severity::warning,
     "a thief of them switches automated backups off or opens the instance to the internet"},
    {"rds:DeleteDBInstanceAutomatedBackup", false, Severity::warning,
     "a thief of them deletes automated backups"},
    {"rds:CreateDBSnapshot", false, Severity::warning,
     "of instances that are not protected here: a thief of them fills the region's quota, and no "
     "backup is taken any more"},
};

}  // namespace

std::span<const Danger> bucket_dangers() { return kOfBuckets; }
std::span<const Danger> snapshot_dangers() { return kOfSnapshots; }

}  // namespace tidemark::doctor
