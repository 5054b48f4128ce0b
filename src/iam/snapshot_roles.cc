// The roles around snapshots: who takes, who marks, who deletes, who restores.
#include <fmt/format.h>

#include "iam/resources.h"
#include "iam/roles.h"

namespace tidemark::iam {
namespace {

constexpr std::string_view kOurSnapshots = "tidemark-*";
constexpr std::string_view kEarlierSnapshots = "weeklybackup-*";  // RDS lowers their names
constexpr std::string_view kOwnerOfSent = "aws:RequestTag/tidemark:owner";
constexpr std::string_view kOwnerOfThing = "aws:ResourceTag/tidemark:owner";
constexpr std::string_view kMark = "aws:ResourceTag/tidemark:condemned";
constexpr std::string_view kHold = "aws:ResourceTag/tidemark:hold";
constexpr std::string_view kBeginningOfADate = "20*";  // a reprieve writes another word there

Statement look() {
  return {
      .id = "Look",
      .purpose =
          "see the instances, the snapshots and their tags; Describe calls take no "
          "resource",
      .stops = "nothing: it reads no data",
      .actions = {"rds:DescribeDBInstances", "rds:DescribeDBSnapshots", "rds:ListTagsForResource"},
      .resources = {"*"}};
}

Condition equals(std::string_view key, std::string value) {
  return {"StringEquals", std::string(key), {std::move(value)}};
}

Condition present(std::string_view key) { return {"Null", std::string(key), {"false"}}; }
Condition absent(std::string_view key) { return {"Null", std::string(key), {"true"}}; }

// The request changes these tags and no other, and one at least.
std::vector<Condition> only_tags(std::vector<std::string> keys) {
  return {{"ForAllValues:StringEquals", "aws:TagKeys", std::move(keys)}, present("aws:TagKeys")};
}

std::vector<Condition> with(Condition first, std::vector<Condition> rest) {
  rest.insert(rest.begin(), std::move(first));
  return rest;
}

Statement condemn_earlier(const Facts& facts) {
  return {.id = "CondemnThoseOfTheEarlierScript",
          .purpose =
              "condemn, hold and release snapshots named WeeklyBackup-*, which have no "
              "owner tag; for as long as the migration lasts",
          .stops = "any other tag on them",
          .actions = {"rds:AddTagsToResource"},
          .resources = rds_arns(facts, "snapshot", kEarlierSnapshots),
          .conditions = only_tags({"tidemark:condemned", "tidemark:hold"})};
}

Statement delete_earlier(const Facts& facts) {
  return {.id = "DeleteThoseOfTheEarlierScript",
          .purpose =
              "delete condemned snapshots named WeeklyBackup-*; for as long as the "
              "migration lasts",
          .stops = "deleting one that is held or not condemned",
          .actions = {"rds:DeleteDBSnapshot"},
          .resources = rds_arns(facts, "snapshot", kEarlierSnapshots),
          .conditions = {{"StringLike", std::string(kMark), {std::string(kBeginningOfADate)}},
                         absent(kHold)}};
}

}  // namespace

Policy snapshotter(const Facts& facts) {
  Policy policy{.name = "snapshotter", .bucket = "", .statements = {look()}};
  policy.statements.push_back(
      {.id = "OfTheseInstances",
       .purpose = "take a snapshot of a protected instance",
       .stops = "snapshots of any other instance, which could fill the quota",
       .actions = {"rds:CreateDBSnapshot"},
       .resources = instance_arns(facts)});
  policy.statements.push_back(
      {.id = "UnderOurNamesWithOurTag",
       .purpose = "name it and tag it as ours; CreateDBSnapshot is checked against the new "
                  "snapshot too, and its tags need AddTagsToResource",
       .stops = "a snapshot that would not be known as ours, or under another's name",
       .actions = {"rds:CreateDBSnapshot", "rds:AddTagsToResource"},
       .resources = rds_arns(facts, "snapshot", kOurSnapshots),
       .conditions = {equals(kOwnerOfSent, literal(facts.owner))}});
  policy.statements.push_back(
      {.id = "MayNotCondemn",
       .purpose = "keep marks apart from the tags of a new snapshot",
       .stops = "condemning or holding, which the statement before would let through",
       .effect = Effect::deny,
       .actions = {"rds:AddTagsToResource"},
       .resources = {"*"},
       .conditions = {
           {"ForAnyValue:StringEquals", "aws:TagKeys", {"tidemark:condemned", "tidemark:hold"}}}});
  policy.statements.push_back(
      {.id = "NeverDestroyShareOrChange",
       .purpose = "hold even when a wider policy is attached",
       .stops = "deleting history, sharing a snapshot with another account (which is theft), and "
                "any change of the instance",
       .effect = Effect::deny,
       .actions = {"rds:DeleteDBSnapshot", "rds:RemoveTagsFromResource",
                   "rds:ModifyDBSnapshotAttribute", "rds:ModifyDBSnapshot", "rds:DeleteDBInstance",
                   "rds:DeleteDBInstanceAutomatedBackup", "rds:ModifyDBInstance"},
       .resources = {"*"}});
  return policy;
}

Policy condemner(const Facts& facts) {
  Policy policy{.name = "condemner", .bucket = "", .statements = {look()}};
  policy.statements.push_back(
      {.id = "CondemnAndHold",
       .purpose = "mark our snapshots as condemned, reprieved or held; a reprieve writes over the "
                  "mark and removes no tag",
       .stops = "any other tag, such as the owner or the settings, and snapshots that are not ours",
       .actions = {"rds:AddTagsToResource"},
       .resources = rds_arns(facts, "snapshot", kOurSnapshots),
       .conditions = with(equals(kOwnerOfThing, literal(facts.owner)),
                          only_tags({"tidemark:condemned", "tidemark:hold"}))});
  policy.statements.push_back(
      {.id = "Release",
       .purpose = "take a hold off; leave it out where only people may release",
       .stops = "removing any other tag",
       .actions = {"rds:RemoveTagsFromResource"},
       .resources = rds_arns(facts, "snapshot", kOurSnapshots),
       .conditions =
           with(equals(kOwnerOfThing, literal(facts.owner)), only_tags({"tidemark:hold"}))});
  if (facts.legacy) policy.statements.push_back(condemn_earlier(facts));
  policy.statements.push_back(
      {.id = "NeverDeleteOrShare",
       .purpose = "hold even when a wider policy is attached",
       .stops = "doing at once what a grace period is to separate: who marks does not delete",
       .effect = Effect::deny,
       .actions = {"rds:DeleteDBSnapshot", "rds:ModifyDBSnapshotAttribute"},
       .resources = {"*"}});
  return policy;
}

Policy pruner(const Facts& facts) {
  Policy policy{.name = "pruner", .bucket = "", .statements = {look()}};
  policy.statements.push_back(
      {.id = "DeleteWhatIsCondemnedAndNotHeld",
       .purpose = "delete our snapshots whose mark begins like a date and that nobody holds",
       .stops = "deleting what is not condemned, what was reprieved, what is held and what is not "
                "ours",
       .actions = {"rds:DeleteDBSnapshot"},
       .resources = rds_arns(facts, "snapshot", kOurSnapshots),
       .conditions = {equals(kOwnerOfThing, literal(facts.owner)),
                      {"StringLike", std::string(kMark), {std::string(kBeginningOfADate)}},
                      absent(kHold)}});
  if (facts.legacy) policy.statements.push_back(delete_earlier(facts));
  policy.statements.push_back(
      {.id = "MayNotTagOrShare",
       .purpose = "hold even when a wider policy is attached",
       .stops = "condemning by itself what it then deletes, taking a hold off, and sharing",
       .effect = Effect::deny,
       .actions = {"rds:AddTagsToResource", "rds:RemoveTagsFromResource",
                   "rds:ModifyDBSnapshotAttribute"},
       .resources = {"*"}});
  return policy;
}

}  // namespace tidemark::iam
