// The role of people who restore.
#include <fmt/format.h>

#include "iam/resources.h"
#include "iam/roles.h"

namespace tidemark::iam {
namespace {

// What a restored instance is given: parameter, option and subnet groups.
std::vector<std::string> group_arns(const Facts& facts) {
  return joined(
      {rds_arns(facts, "pg", "*"), rds_arns(facts, "og", "*"), rds_arns(facts, "subgrp", "*")});
}

// The instances, what they are renamed to, and what stands beside them.
std::vector<std::string> restored_arns(const Facts& facts) {
  std::vector<std::string> arns = instance_arns(facts, "*");
  for (const std::string& name : facts.beside)
    arns = joined({std::move(arns), rds_arns(facts, "db", literal(name))});
  return arns;
}

std::vector<std::string> origin_arns(const Facts& facts) {
  return joined({restored_arns(facts), rds_arns(facts, "snapshot", "tidemark-*"),
                 rds_arns(facts, "snapshot", "weeklybackup-*"), rds_arns(facts, "auto-backup", "*"),
                 group_arns(facts)});
}

std::vector<std::string> secret_arns(const Facts& facts) {
  std::vector<std::string> arns;
  for (const std::string& region : facts.regions)
    arns.push_back(fmt::format("arn:{}:secretsmanager:{}:{}:secret:rds!db-*", facts.partition(),
                               region, facts.account));
  return arns;
}

Statement look_at_all() {
  return {
      .id = "Look",
      .purpose = "see the instances, where they can be restored from, and what leads to them",
      .stops = "nothing: it reads no data",
      .actions = {"rds:DescribeDBInstances", "rds:DescribeDBSnapshots",
                  "rds:DescribeDBInstanceAutomatedBackups", "rds:DescribeDBEngineVersions",
                  "rds:DescribeDBParameterGroups", "rds:DescribeDBSubnetGroups",
                  "rds:DescribeOptionGroups", "rds:DescribeDBProxies", "rds:DescribeDBProxyTargets",
                  "rds:DescribeAccountAttributes", "rds:DescribeEventSubscriptions",
                  "rds:DescribeIntegrations", "rds:ListTagsForResource"},
      .resources = {"*"}};
}

void add_key_statements(const Facts& facts, Policy& policy) {
  if (facts.instance_keys.empty()) return;
  std::vector<std::string> services;
  for (const std::string& region : facts.regions)
    services.push_back(fmt::format("rds.{}.amazonaws.com", region));
  policy.statements.push_back({.id = "SeeTheKeys",
                               .purpose = "see whether the keys of the snapshots can be used",
                               .stops = "nothing: it decrypts nothing",
                               .actions = {"kms:DescribeKey"},
                               .resources = facts.instance_keys});
  policy.statements.push_back(
      {.id = "LetRdsUseTheKeys",
       .purpose = "let RDS decrypt the snapshot for the restored instance",
       .stops = "a grant for anybody but RDS, and any use of the key by the holder",
       .actions = {"kms:CreateGrant"},
       .resources = facts.instance_keys,
       .conditions = {{"Bool", "kms:GrantIsForAWSResource", {"true"}},
                      {"StringEquals", "kms:ViaService", services}}});
}

// Who restores may do much to the instances; history and the public are out of reach.
void add_limits(Policy& policy) {
  policy.statements.push_back(
      {.id = "NeverPublic",
       .purpose = "let a restore say that the instance is not public, and say it always",
       .stops = "an instance with a public address, and a restore that leaves it to AWS",
       .effect = Effect::deny,
       .actions = {"rds:RestoreDBInstanceFromDBSnapshot", "rds:RestoreDBInstanceToPointInTime"},
       .resources = {"*"},
       .conditions = {{"BoolIfExists", "rds:PubliclyAccessible", {"true"}}}});
  policy.statements.push_back(
      {.id = "NeverPublicLater",
       .purpose = "the same for changes; AWS documents this key for restores only, so `tidemark "
                  "doctor` looks for public instances as well",
       .stops = "making an instance public, where AWS gives the key",
       .effect = Effect::deny,
       .actions = {"rds:ModifyDBInstance"},
       .resources = {"*"},
       .conditions = {{"Bool", "rds:PubliclyAccessible", {"true"}}}});
  policy.statements.push_back(
      {.id = "NeverTouchHistory",
       .purpose = "hold even when a wider policy is attached",
       .stops = "deleting or sharing snapshots, and deleting automated backups",
       .effect = Effect::deny,
       .actions = {"rds:DeleteDBSnapshot", "rds:ModifyDBSnapshotAttribute",
                   "rds:DeleteDBInstanceAutomatedBackup"},
       .resources = {"*"}});
}

}  // namespace

Policy restorer(const Facts& facts) {
  Policy policy{.name = "restorer", .bucket = "", .statements = {look_at_all()}};
  policy.statements.push_back(
      {.id = "SafetyAndFinalSnapshots",
       .purpose = "take a snapshot of what gives way, and upgrade one of an old engine",
       .stops = "snapshots under other names",
       .actions = {"rds:CreateDBSnapshot", "rds:AddTagsToResource", "rds:ModifyDBSnapshot"},
       .resources = rds_arns(facts, "snapshot", "tidemark-*")});
  policy.statements.push_back(
      {.id = "RestoreFromOurSnapshots",
       .purpose = "make an instance from a point or from automated backups; each thing that it is "
                  "given counts as a resource",
       .stops = "restoring under another name than one that begins with the instance's",
       .actions = {"rds:RestoreDBInstanceFromDBSnapshot", "rds:RestoreDBInstanceToPointInTime"},
       .resources = origin_arns(facts)});
  policy.statements.push_back(
      {.id = "TheInstanceAndWhatItIsRenamedTo",
       .purpose =
           "rename, set up, reboot and retire the instance and those beside it; `tidemark iam "
           "--as NAME` adds a name that does not begin like it",
       .stops = "touching any instance whose name does not begin like a protected one's",
       .actions = {"rds:CreateDBSnapshot", "rds:ModifyDBInstance", "rds:RebootDBInstance",
                   "rds:DeleteDBInstance", "rds:AddRoleToDBInstance", "rds:AddTagsToResource",
                   "rds:RemoveTagsFromResource"},
       .resources = restored_arns(facts)});
  policy.statements.push_back({.id = "GroupsOfAModification",
                               .purpose = "give the instance its parameter and option groups back",
                               .stops = "changing the groups themselves",
                               .actions = {"rds:ModifyDBInstance"},
                               .resources = group_arns(facts)});
  policy.statements.push_back(
      {.id = "MasterPasswordInSecretsManager",
       .purpose = "let RDS keep the master password as before; leave it out when RDS does not",
       .stops = "reading any secret",
       .actions = {"secretsmanager:CreateSecret", "secretsmanager:TagResource"},
       .resources = secret_arns(facts)});
  policy.statements.push_back(
      {.id = "RolesOfTheInstance",
       .purpose = "give the instance its monitoring and import roles back; name them instead of *",
       .stops = "handing a role to anything but RDS",
       .actions = {"iam:PassRole"},
       .resources = {fmt::format("arn:{}:iam::{}:role/*", facts.partition(), facts.account)},
       .conditions = {{"StringEquals",
                       "iam:PassedToService",
                       {"rds.amazonaws.com", "monitoring.rds.amazonaws.com"}}}});
  add_key_statements(facts, policy);
  add_limits(policy);
  return policy;
}

}  // namespace tidemark::iam
