#include "core/restore_mark.h"

#include <gtest/gtest.h>

#include "core/restore_steps.h"

namespace tidemark::core {
namespace {

TimePoint at(std::string_view text) { return *parse_time(text); }

RestoreMark sample() {
  return {.operation = "20261124t083012z",
          .role = RestoreRole::restored,
          .phase = RestorePhase::rolling_back,
          .identifier = "orders-prod",
          .origin = "tidemark-202611-orders-20261124t0230z",
          .aside = "orders-prod-replaced-20261124",
          .settings = SettingsChoice::point,
          .options = {},
          .progress = {"checks", "hook"},
          .source = "orders"};
}

TEST(RestoreMark, ReadsBackWhatItWrote) {
  for (const RestoreRole role :
       {RestoreRole::replaced, RestoreRole::restored, RestoreRole::discarded})
    for (const RestorePhase phase :
         {RestorePhase::open, RestorePhase::done, RestorePhase::rolling_back,
          RestorePhase::retiring, RestorePhase::retired})
      for (const SettingsChoice choice :
           {SettingsChoice::current, SettingsChoice::point, SettingsChoice::defaults}) {
        RestoreMark mark = sample();
        mark.role = role;
        mark.phase = phase;
        mark.settings = choice;
        EXPECT_EQ(read_mark(mark_tags(mark)), mark);
      }
  RestoreMark bare = sample();
  bare.aside.clear();
  bare.progress.clear();
  bare.source.clear();
  bare.bearer = "db-ABC";
  EXPECT_EQ(read_mark(mark_tags(bare)), bare);
  RestoreMark full = sample();
  full.by_hand = true;
  full.was_protected = false;
  full.before = {"20261123t083012z", "20261122t083012z"};
  EXPECT_EQ(read_mark(mark_tags(full)), full);
  full.before.resize(100, "20261121t083012z");
  for (const auto& [key, value] : mark_tags(full)) EXPECT_LE(value.size(), 256u) << key;
}

TEST(RestoreMark, ThatClaimsAnInstanceKnowsWhetherSomebodyRenamedItByHand) {
  RestoreMark mark = sample();
  mark.role = RestoreRole::replaced;
  EXPECT_FALSE(claiming_mark(mark, std::nullopt, "orders-prod").by_hand);
  const RestoreMark by_hand = claiming_mark(mark, std::nullopt, "orders-old");
  EXPECT_TRUE(by_hand.by_hand);
  // Claimed again by the same restore, after its own rename or before.
  EXPECT_TRUE(claiming_mark(mark, by_hand, "orders-prod").by_hand);
  EXPECT_FALSE(claiming_mark(mark, mark, "orders-prod-replaced-20261124").by_hand);
}

TEST(RestoreMark, ThatClaimsARestoredInstanceKeepsTheRestoresThatMadeIt) {
  RestoreMark first = sample();
  first.phase = RestorePhase::done;
  RestoreMark second = sample();
  second.operation = "20261125t083012z";
  second.role = RestoreRole::replaced;
  second = claiming_mark(second, first, "orders-prod");
  EXPECT_EQ(second.before, std::vector<std::string>{first.operation});
  EXPECT_EQ(claiming_mark(second, second, "orders-prod").before, second.before) << "once more";
  RestoreMark third = second;
  third.operation = "20261126t083012z";
  third.before.clear();
  EXPECT_EQ(claiming_mark(third, second, "orders-prod").before, second.before)
      << "the second was never done";
}

TEST(RestoreMark, CountsAgainstTheLimitWithAllThatIsThereAlready) {
  EXPECT_EQ(tags_with_mark({}), mark_keys().size() + 4);
  Tags tags = mark_tags(sample());
  tags.emplace(kRunnerTag, "-");
  tags.emplace("team", "shop");
  tags.emplace("tidemark:settings-0", "copied from a snapshot by hand");
  tags.emplace("aws:cloudformation:stack-name", "free");
  EXPECT_EQ(tags_with_mark(tags), mark_keys().size() + 4 + 2);
}

TEST(RestoreMark, RemembersEveryOption) {
  RestoreMark mark = sample();
  mark.options = {.no_checks = true,
                  .no_hook = true,
                  .no_safety_snapshot = true,
                  .warm_up = true,
                  .password = true,
                  .newest = true,
                  .files = true,
                  .instance_class = "db.x2iedn.32xlarge",
                  .parameter_group = "orders-15",
                  .upgrade_to = "15.7",
                  .zone = "eu-west-1a"};
  EXPECT_EQ(read_mark(mark_tags(mark)), mark);
  for (bool RestoreOptions::*flag :
       {&RestoreOptions::no_checks, &RestoreOptions::no_hook, &RestoreOptions::no_safety_snapshot,
        &RestoreOptions::warm_up, &RestoreOptions::password, &RestoreOptions::newest,
        &RestoreOptions::files}) {
    mark.options = {};
    mark.options.*flag = true;
    EXPECT_EQ(read_mark(mark_tags(mark)), mark);
  }
}

TEST(RestoreMark, SaysThatANameTooLongForTheTagIsForgotten) {
  RestoreMark mark = sample();
  mark.options = {.no_checks = true,
                  .no_hook = true,
                  .no_safety_snapshot = true,
                  .warm_up = true,
                  .password = true,
                  .newest = true,
                  .files = true,
                  .instance_class = "db.x2iedn.32xlarge",
                  .parameter_group = std::string(255, 'p'),
                  .upgrade_to = "15.7",
                  .zone = "eu-west-1a"};
  for (const auto& [key, value] : mark_tags(mark)) EXPECT_LE(value.size(), 256u) << key;
  const auto read = read_mark(mark_tags(mark));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->options.parameter_group, kForgotten);
  mark.options.parameter_group = kForgotten;
  EXPECT_EQ(*read, mark);
  mark.options.instance_class = "two words";
  EXPECT_EQ(read_mark(mark_tags(mark))->options, keepable(mark.options));
  EXPECT_EQ(keepable(mark.options).instance_class, kForgotten);
}

TEST(RestoreMark, OfEveryTagIsOneThatARollbackTakesAway) {
  const std::vector<std::string> keys = mark_keys();
  for (const auto& [key, value] : mark_tags(sample())) {
    EXPECT_NE(std::find(keys.begin(), keys.end(), key), keys.end()) << key;
    EXPECT_LE(value.size(), 256u);
  }
  EXPECT_EQ(keys.size(), mark_tags(sample()).size());
}

TEST(RestoreMark, OnAnotherThanItsBearerIsACopyAndMeansNothing) {
  RestoreMark mark = sample();
  mark.bearer = "db-ABC";
  SeenInstance instance{.id = "orders-prod", .resource_id = "db-ABC"};
  instance.settings.tags = mark_tags(mark);
  EXPECT_EQ(instance.mark(), mark);
  instance.resource_id = "db-COPY";
  EXPECT_EQ(instance.mark(), std::nullopt);
}

TEST(RestoreMark, IsNotReadFromTagsThatLackAPartOrSayNonsense) {
  EXPECT_FALSE(read_mark({}));
  for (const auto& [key, value] : mark_tags(sample())) {
    Tags tags = mark_tags(sample());
    tags.erase(key);
    const bool needed = key != "tidemark:restore-aside" && key != "tidemark:restore-progress" &&
                        key != "tidemark:restore-source";
    EXPECT_EQ(read_mark(tags).has_value(), !needed) << "without " << key;
  }
  for (const char* head :
       {"", "20261124t083012z", "20261124t083012z restored", "20261124t083012z king open",
        "20261124t083012z restored shut", "20261324t083012z restored open", "now restored open",
        "20261124t083012z restored open db-ABC db-DEF"}) {
    Tags tags = mark_tags(sample());
    tags["tidemark:restore"] = head;
    EXPECT_FALSE(read_mark(tags)) << head;
  }
}

TEST(Operation, IsNamedByItsSecond) {
  EXPECT_EQ(operation_name(at("2026-11-24T08:30:12Z")), "20261124t083012z");
  EXPECT_EQ(operation_began("20261124t083012z"), at("2026-11-24T08:30:12Z"));
  EXPECT_FALSE(operation_began("20261124T083012Z"));
  EXPECT_FALSE(operation_began("20260230t083012z"));
  EXPECT_FALSE(operation_began(""));
}

TEST(Origin, OfATimeIsToldFromASnapshot) {
  const TimePoint time = at("2026-11-24T08:30:12Z");
  EXPECT_EQ(time_of_origin(origin_of_time(time)), time);
  EXPECT_FALSE(time_of_origin("tidemark-202611-orders-20261124t0230z"));
  EXPECT_FALSE(time_of_origin("time tomorrow"));
}

TEST(Descent, KeepsTheNewestAncestorsThatATagCanHold) {
  EXPECT_EQ(descent_value("db-A", {"db-B", "db-A", "db-C"}), "db-A db-B db-C");
  EXPECT_EQ(read_descent({{"tidemark:descends", "db-A db-B"}}),
            (std::vector<std::string>{"db-A", "db-B"}));
  EXPECT_TRUE(read_descent({}).empty());
  const std::string long_id(29, 'X');
  std::vector<std::string> many;
  for (char c = 'a'; c < 'z'; ++c) many.push_back(long_id + c);
  const std::string value = descent_value("db-A", many);
  EXPECT_LE(value.size(), 256u);
  EXPECT_EQ(read_descent({{"tidemark:descends", value}}).size(), 9u);
}

TEST(Took, IsANumberOfSecondsOrUnknown) {
  EXPECT_EQ(read_took({{"tidemark:restore-took", "431"}}), Seconds(431));
  for (const char* text : {"", "-", "-1", "4m", "43 1"})
    EXPECT_FALSE(read_took({{"tidemark:restore-took", text}})) << text;
}

TEST(AsideName, IsFreeAndWithinTheLengthOfAnIdentifier) {
  const TimePoint day = at("2026-11-24T08:30:12Z");
  EXPECT_EQ(aside_name("orders", "replaced", day, {}), "orders-replaced-20261124");
  EXPECT_EQ(aside_name("orders", "replaced", day,
                       {"orders-replaced-20261124", "orders-replaced-20261124-2"}),
            "orders-replaced-20261124-3");
  const std::string longest = std::string(44, 'a') + "-" + std::string(18, 'b');
  const std::string name = aside_name(longest, "replaced", day, {});
  EXPECT_LE(name.size(), 63u);
  EXPECT_EQ(name.find("--"), std::string::npos) << name;
}

TEST(Names, AreTheWordsOfTheManual) {
  EXPECT_EQ(parse_choice("current"), SettingsChoice::current);
  EXPECT_EQ(parse_choice("defaults"), SettingsChoice::defaults);
  EXPECT_FALSE(parse_choice("newest"));
}

TEST(Origins, ATimeIsToldFromASnapshotAndTheLatestFromAMoment) {
  EXPECT_TRUE(is_time_origin(kLatestOrigin));
  EXPECT_FALSE(time_of_origin(kLatestOrigin));
  EXPECT_TRUE(is_time_origin(origin_of_time(*parse_time("2026-11-24T14:00:00Z"))));
  EXPECT_FALSE(is_time_origin("tidemark-202611-orders-20261124t0230z"));
  RestoreMark mark{.operation = "20261124t083012z", .identifier = "orders", .aside = ""};
  mark.origin = kLatestOrigin;
  EXPECT_EQ(read_mark(mark_tags(mark)), mark);
}

}  // namespace
}  // namespace tidemark::core
