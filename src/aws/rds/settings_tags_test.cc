#include "aws/rds/settings_tags.h"

#include <algorithm>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace tidemark::aws::rds {
namespace {

core::InstanceSettings full_settings() {
  core::InstanceSettings s;
  s.instance_id = "orders-prod";
  s.resource_id = "db-ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  s.engine = "postgres";
  s.engine_version = "15.4";
  s.instance_class = "db.r6g.large";
  s.storage_type = "gp3";
  s.allocated_storage_gib = 200;
  s.storage_autoscaling_max_gib = 1000;
  s.iops = 12000;
  s.storage_throughput_mibps = 500;
  s.port = 5433;
  s.multi_az = s.deletion_protection = s.copy_tags_to_snapshot = s.performance_insights = true;
  s.performance_insights_retention_days = 7;
  s.monitoring_interval_seconds = 60;
  s.monitoring_role_arn = "arn:aws:iam::123456789012:role/monitoring";
  s.backup_retention_days = 35;
  s.backup_window = "02:00-02:30";
  s.maintenance_window = "sun:03:00-sun:03:30";
  s.subnet_group = "private";
  s.ca_certificate = "rds-ca-rsa2048-g1";
  s.security_groups = {"sg-1", "sg-2"};
  s.parameter_groups = {"orders-15"};
  s.log_exports = {"postgresql", "upgrade"};
  s.roles = {{"arn:aws:iam::123456789012:role/import", "s3Import"}};
  s.master_username = "master";
  s.tags = {{"team", "shop"}, {"caf\xc3\xa9", "\xe2\x82\xac"}};
  return s;
}

TEST(SettingsTags, GiveBackEverySetting) {
  const auto tags = encode_settings(full_settings(), 40);
  ASSERT_TRUE(tags);
  const auto decoded = decode_settings(*tags);
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(*decoded, full_settings());
}

TEST(SettingsTags, GiveBackWhatTheServiceDidNotSay) {
  const auto decoded = decode_settings(*encode_settings({}, 40));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(*decoded, core::InstanceSettings{});
}

TEST(SettingsTags, FitTheServicesLimits) {
  EXPECT_TRUE(rc::check([] {
    core::InstanceSettings settings = full_settings();
    const auto word = rc::gen::container<std::string>(rc::gen::inRange(' ', '\x7f'));
    for (const auto& [key, value] :
         *rc::gen::container<std::vector<std::pair<std::string, std::string>>>(
             rc::gen::pair(word, word)))
      settings.tags["k" + key] = value;
    const auto tags = encode_settings(settings, 40);
    if (!tags) return;  // too much for 40 tags, and said so
    for (const auto& [key, value] : *tags) {
      RC_ASSERT(key.size() <= 128u);
      RC_ASSERT(value.size() <= 256u);
      RC_ASSERT(std::all_of(value.begin(), value.end(), [](unsigned char c) {
        return std::isalnum(c) ||
               std::string_view(" _.:/=+-@").find(static_cast<char>(c)) != std::string_view::npos;
      }));
    }
    RC_ASSERT(static_cast<bool>(decode_settings(*tags)));
  }));
}

TEST(SettingsTags, RefuseWhenThereIsNoRoom) {
  EXPECT_EQ(encode_settings(full_settings(), 1).error().kind, ErrorKind::exhausted);
}

TEST(SettingsTags, NoticeEveryDamage) {
  const core::Tags good = *encode_settings(full_settings(), 40);
  ASSERT_GT(good.size(), 1u);
  EXPECT_EQ(decode_settings({}).error().kind, ErrorKind::not_found);
  for (const auto& [key, value] : good) {
    core::Tags lacking = good;
    lacking.erase(key);
    EXPECT_FALSE(decode_settings(lacking)) << "without " << key;
    for (std::size_t at = 0; at < value.size(); ++at) {
      core::Tags changed = good;
      changed[key][at] = value[at] == 'A' ? 'B' : 'A';
      EXPECT_FALSE(decode_settings(changed)) << key << " at " << at;
    }
    core::Tags cut = good;
    cut[key].pop_back();
    EXPECT_FALSE(decode_settings(cut)) << "cut " << key;
  }
  core::Tags newer = good;
  newer["tidemark:settings-0"][0] = '2';
  EXPECT_EQ(decode_settings(newer).error().kind, ErrorKind::unsupported);
}

TEST(SettingsJson, RefusesWrongTypesAndIgnoresNewNames) {
  for (const char* json : {"", "[]", "{\"port\":\"x\"}", "{\"tags\":[]}", "{\"roles\":{}}",
                           "{\"roles\":[{\"arn\":5}]}", "{\"multi_az\":\"yes\"}"})
    EXPECT_EQ(settings_from_json(json).error().kind, ErrorKind::corrupt) << json;
  EXPECT_EQ(settings_from_json("{\"port\":5432,\"invented_later\":{}}")->port, 5432);
}

}  // namespace
}  // namespace tidemark::aws::rds
