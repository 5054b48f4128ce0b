#include "core/restore_resume.h"

#include <gtest/gtest.h>

namespace tidemark::core {
namespace {

OpenRestore open_one() {
  return {.mark = {.operation = "20261124t083012z",
                   .identifier = "orders",
                   .origin = "monday",
                   .settings = SettingsChoice::current}};
}

OpenRestore renamed_one() {
  OpenRestore open = open_one();
  open.renamed = true;
  return open;
}

TEST(Resumption, GoesOnWhenNothingElseIsAskedFor) {
  for (OpenRestore open : {open_one(), renamed_one()}) {
    EXPECT_EQ(resumption(open, {}), Resumption::go_on);
    EXPECT_EQ(resumption(open, {.origin = "monday", .settings = SettingsChoice::current}),
              Resumption::go_on);
  }
}

TEST(Resumption, BeginsAnewAsLongAsNothingWasRenamed) {
  EXPECT_EQ(resumption(open_one(), {.origin = "tuesday"}), Resumption::begin_anew);
  EXPECT_EQ(resumption(open_one(), {.origin = "tuesday", .newest = true}), Resumption::begin_anew);
  EXPECT_EQ(resumption(open_one(), {.settings = SettingsChoice::point}), Resumption::begin_anew);
  OpenRestore newest = open_one();
  newest.mark.options.newest = true;
  EXPECT_EQ(resumption(newest, {.origin = "tuesday", .newest = true}), Resumption::begin_anew);
}

TEST(Resumption, RefusesAnotherChoiceOnceSomethingWasRenamed) {
  EXPECT_EQ(resumption(renamed_one(), {.origin = "tuesday"}), Resumption::refuse);
  EXPECT_EQ(resumption(renamed_one(), {.settings = SettingsChoice::point}), Resumption::refuse);
  EXPECT_EQ(resumption(renamed_one(), {.origin = "tuesday", .newest = true}), Resumption::refuse)
      << "it was begun from a point that was named";
}

TEST(Resumption, TakesTheLatestAsThatOfTheDayItBegan) {
  OpenRestore open = renamed_one();
  open.mark.options.newest = true;
  EXPECT_EQ(resumption(open, {.origin = "tuesday", .newest = true}), Resumption::go_on);
  EXPECT_EQ(resumption(open, {.origin = "tuesday"}), Resumption::refuse);
  EXPECT_EQ(
      resumption(open, {.origin = "tuesday", .newest = true, .settings = SettingsChoice::point}),
      Resumption::refuse);
}

TEST(Resumption, NeverTakesTheNewestPointForTheLatestMoment) {
  OpenRestore open = renamed_one();
  open.mark.options.newest = true;
  const std::string latest(kLatestOrigin);
  EXPECT_EQ(resumption(open, {.origin = latest, .newest = true}), Resumption::refuse);
  open.mark.origin = latest;
  EXPECT_EQ(resumption(open, {.origin = latest, .newest = true}), Resumption::go_on);
  EXPECT_EQ(resumption(open, {.origin = "tuesday", .newest = true}), Resumption::refuse);
}

TEST(Resumption, TakesAnotherPointWhenItsOwnIsGoneAndNothingWasMadeOfIt) {
  OpenRestore open = renamed_one();
  open.origin_lost = true;
  EXPECT_EQ(resumption(open, {.origin = "tuesday"}), Resumption::go_on);
  open.mark.role = RestoreRole::restored;
  EXPECT_EQ(resumption(open, {.origin = "tuesday"}), Resumption::refuse);
}

TEST(RestoreOptions, OfTheFirstRunHoldUntilALaterOneSaysMore) {
  const RestoreOptions remembered{.no_hook = true,
                                  .no_safety_snapshot = true,
                                  .password = true,
                                  .newest = true,
                                  .files = true,
                                  .instance_class = "db.m6g.large",
                                  .parameter_group = "orders-15",
                                  .upgrade_to = "15.7"};
  EXPECT_EQ(merged_options(remembered, {}), remembered);
  const RestoreOptions more = merged_options(
      remembered, {.no_checks = true, .warm_up = true, .instance_class = "db.m6g.xlarge"});
  RestoreOptions wanted = remembered;
  wanted.no_checks = true;
  wanted.warm_up = true;
  wanted.instance_class = "db.m6g.xlarge";
  EXPECT_EQ(more, wanted);
}

TEST(RestoreOptions, ThatNoTagCanKeepAreAskedForAgain) {
  RestoreMark mark = open_one().mark;
  EXPECT_EQ(lost_option(mark, {}), "");
  mark.options.password = true;
  EXPECT_EQ(lost_option(mark, {}), "--master-password-file FILE");
  EXPECT_EQ(lost_option(mark, {.password = true}), "");
  mark.progress = {"password"};
  EXPECT_EQ(lost_option(mark, {}), "") << "it is set already";
  mark.options.parameter_group = kForgotten;
  EXPECT_EQ(lost_option(mark, {}), "--parameter-group NAME");
  EXPECT_EQ(lost_option(mark, {.parameter_group = "orders-15"}), "");
}

}  // namespace
}  // namespace tidemark::core
