#include "config/config.h"

#include <cstdlib>
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"

namespace tidemark::config {
namespace {

using std::chrono::hours;
using testing::HasSubstr;

Result<Config> parse(std::string_view text) { return parse_config(text, "t.toml", {}); }

std::string fault_of(std::string_view text) {
  const auto config = parse(text);
  EXPECT_FALSE(config) << "accepted: " << text;
  if (config) return "";
  EXPECT_EQ(config.error().kind, ErrorKind::invalid_input);
  return config.error().message;
}

TEST(Config, ProtectsASourceByThreeLines) {
  const auto config = parse("[source.orders]\n");
  ASSERT_TRUE(config) << config.error().message;
  ASSERT_EQ(config->sources.size(), 1u);
  EXPECT_EQ(config->sources[0].instance, "orders");
  const Policy& policy = config->policy_of(config->sources[0]);
  EXPECT_EQ(policy.schedule.expression(), "daily");
  EXPECT_EQ(policy.retention.points_max(), 7 + 8 + 24 + 10);
  EXPECT_EQ(policy.retention.grace, hours(7 * 24));
  EXPECT_FALSE(policy.retention.adopt_legacy);
  EXPECT_EQ(config->owner, "tidemark");
}

TEST(Config, ReadsEveryKey) {
  const auto config = parse(R"(
owner = "prod-1"
state_dir = "/srv/state"
interval = "1m"
snapshot_deadline = "6h"
[aws]
region = "eu-west-1"
profile = "backup"
endpoint_url = "https://example.invalid"
snapshot_quota = 250
[source.orders]
instance = "orders-prod"
region = "eu-west-2"
policy = "gold"
[policy.gold]
schedule = "weekly sun 03:00"
time_zone = "Europe/Berlin"
keep = { last = 1, hourly = 2, daily = 3, weekly = 4, monthly = 5, yearly = 6 }
keep_min = 9
min_age = "2d"
grace = "14d"
overdue_after = "90m"
adopt_legacy = true
)");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->owner, "prod-1");
  EXPECT_EQ(config->interval, Seconds(60));
  EXPECT_EQ(config->snapshot_deadline, hours(6));
  EXPECT_EQ(config->aws.snapshot_quota, 250);
  EXPECT_EQ(config->sources[0].region, "eu-west-2");
  const Policy& policy = config->policies.at("gold");
  EXPECT_EQ(policy.retention.points_max(), 21);
  EXPECT_EQ(policy.retention.keep_min, 9);
  EXPECT_EQ(policy.retention.age_min, hours(48));
  EXPECT_EQ(policy.overdue_after, Seconds(5400));
  EXPECT_TRUE(policy.retention.adopt_legacy);
  EXPECT_EQ(policy.schedule.zone().name(), "Europe/Berlin");
}

TEST(Config, AcceptsItsOwnSample) { EXPECT_TRUE(parse(sample_config())); }

TEST(Config, NamesFileLineAndTheWordThatWasMeant) {
  EXPECT_THAT(fault_of("[source.a]\ninstanse = \"x\"\n"),
              HasSubstr("t.toml:2: unknown key source.a.instanse; did you mean instance?"));
  EXPECT_THAT(fault_of("[source.a]\n[policy.default]\nkeep = { dayly = 1 }\n"),
              HasSubstr("t.toml:3: unknown key policy.default.keep.dayly; did you mean"));
  EXPECT_THAT(fault_of("[sources.a]\n"), HasSubstr("did you mean source?"));
}

TEST(Config, NamesAllFaultsAtOnce) {
  const std::string faults =
      fault_of("interval = 5\n[source.A]\n[policy.p]\nschedule = \"dayly\"\ngrace = \"1h\"\n");
  EXPECT_THAT(faults, HasSubstr("t.toml:1: interval must be a length of time"));
  EXPECT_THAT(faults, HasSubstr("'A' cannot name a source"));
  EXPECT_THAT(faults, HasSubstr("t.toml:4: policy.p.schedule"));
  EXPECT_THAT(faults, HasSubstr("t.toml:5: policy.p.grace is 1h; it must be at least 1d"));
}

TEST(Config, NeedsNoSourceBesideARepository) {
  const auto config = parse("[repository]\nurl = \"/r\"\nkey_file = \"/k\"\n");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_TRUE(config->sources.empty());
}

TEST(Config, RefusesWhatWouldNotProtect) {
  EXPECT_THAT(fault_of(""), HasSubstr("nothing would be protected"));
  EXPECT_THAT(fault_of("[source.a]\npolicy = \"gold\"\n"), HasSubstr("policy 'gold'"));
  EXPECT_THAT(fault_of("[source.a]\n[policy.default]\nkeep = {}\n"), HasSubstr("keeps nothing"));
  EXPECT_THAT(fault_of("[source.a]\n[policy.default]\nkeep = { daily = 0 }\n"),
              HasSubstr("keeps nothing"));
  EXPECT_THAT(fault_of("[source.a]\ninstance = \"x\"\n[source.b]\ninstance = \"x\"\n"),
              HasSubstr("both protect the instance x"));
  EXPECT_THAT(fault_of("[source.a]\n[policy.default]\ntime_zone = \"Mars/Base\"\n"),
              HasSubstr("Mars/Base"));
}

TEST(Config, RefusesWrongTypesAndRanges) {
  EXPECT_THAT(fault_of("owner = 5\n[source.a]\n"), HasSubstr("owner must be a text"));
  EXPECT_THAT(fault_of("owner = \"\"\n[source.a]\n"), HasSubstr("owner is empty"));
  EXPECT_THAT(fault_of("source = 1\n"), HasSubstr("source must be a table"));
  EXPECT_THAT(fault_of("[source]\na = 1\n"), HasSubstr("source.a must be a table"));
  EXPECT_THAT(fault_of("[source.a]\n[policy]\np = 1\n"), HasSubstr("policy.p must be a table"));
  EXPECT_THAT(fault_of("[aws]\nsnapshot_quota = 0\n[source.a]\n"), HasSubstr("1 to"));
  EXPECT_THAT(fault_of("[aws]\nsnapshot_quota = \"x\"\n[source.a]\n"), HasSubstr("whole number"));
  EXPECT_THAT(fault_of("[source.a]\n[policy.default]\nadopt_legacy = \"yes\"\n"),
              HasSubstr("true or false"));
  EXPECT_THAT(fault_of("[source.a]\n[policy.default]\ngrace = \"7 days\"\n"),
              HasSubstr("not a length of time"));
  EXPECT_THAT(fault_of("[source.a\n"), HasSubstr("t.toml:1:"));
}

TEST(OldVariables, AreTheDropInForTheOldContainer) {
  const auto config = config_from_old_variables({{"AWS_RDS_IDENTIFIER", "Postgres"},
                                                 {"AWS_REGION_NAME", "eu-west-1"},
                                                 {"BACKUP_CRON_INTERVAL", "60"}});
  ASSERT_TRUE(config);
  ASSERT_TRUE(config->has_value());
  const Config& old = **config;
  EXPECT_EQ(old.origin, "environment");
  EXPECT_EQ(old.sources[0].name, "postgres");
  EXPECT_EQ(old.sources[0].instance, "postgres") << "as RDS stores it";
  EXPECT_EQ(old.aws.region, "eu-west-1");
  EXPECT_EQ(old.interval, Seconds(60));
  const Policy& policy = old.policies.at("default");
  EXPECT_EQ(policy.schedule.expression(), "weekly");
  EXPECT_LT(policy.retention.points_max(), 100) << "it would meet the default quota";
  EXPECT_FALSE(policy.retention.adopt_legacy);
}

TEST(OldVariables, HaveTheirOldDefaults) {
  const auto config = config_from_old_variables({{"BACKUP_CRON_INTERVAL", ""}});
  ASSERT_TRUE(config);
  EXPECT_EQ((*config)->sources[0].instance, "aquamark");
  EXPECT_EQ((*config)->aws.region, "ap-southeast-2");
  EXPECT_EQ((*config)->interval, Seconds(300));
  EXPECT_FALSE(config_from_old_variables({})->has_value());
}

TEST(OldVariables, AreCheckedLikeAFile) {
  EXPECT_FALSE(config_from_old_variables({{"BACKUP_CRON_INTERVAL", "5 minutes"}}));
  EXPECT_FALSE(config_from_old_variables({{"BACKUP_CRON_INTERVAL", "0"}}));
  EXPECT_FALSE(config_from_old_variables({{"AWS_RDS_IDENTIFIER", "a b"}}));
  EXPECT_FALSE(config_from_old_variables(
      {{"AWS_RDS_IDENTIFIER", "a"}, {"TIDEMARK_ADOPT_LEGACY", "perhaps"}}));
  EXPECT_TRUE(
      (*config_from_old_variables({{"AWS_RDS_IDENTIFIER", "a"}, {"TIDEMARK_ADOPT_LEGACY", "1"}}))
          ->policies.at("default")
          .retention.adopt_legacy);
}

class ConfigFile : public testing::Test {
 protected:
  ConfigFile() {
    char name[] = "/tmp/tidemark-config-test-XXXXXX";
    CHECK(::mkdtemp(name) != nullptr);
    folder = name;
  }
  ~ConfigFile() override { std::filesystem::remove_all(folder); }
  std::string folder;
};

TEST_F(ConfigFile, IsFoundByFlagThenVariableThenXdg) {
  std::filesystem::create_directories(folder + "/tidemark");
  ASSERT_TRUE(replace_file(folder + "/tidemark/tidemark.toml", "[source.a]\n", 0644));
  const Environment xdg = {{"XDG_CONFIG_HOME", folder}};
  EXPECT_EQ(**find_config_file(std::nullopt, xdg), folder + "/tidemark/tidemark.toml");
  EXPECT_EQ(load_config(std::nullopt, xdg)->sources[0].name, "a");
  Environment both = xdg;
  both["TIDEMARK_CONFIG"] = "/elsewhere";
  EXPECT_EQ(**find_config_file(std::nullopt, both), "/elsewhere");
  EXPECT_EQ(**find_config_file("/given", both), "/given");
}

TEST_F(ConfigFile, ThatWasNamedMustExist) {
  const auto config = load_config(folder + "/none.toml", {{"AWS_RDS_IDENTIFIER", "a"}});
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().kind, ErrorKind::invalid_input);
  EXPECT_THAT(config.error().message, HasSubstr("none.toml"));
}

TEST_F(ConfigFile, IsAskedForWhenThereIsNothing) {
  const auto config = load_config(std::nullopt, {{"XDG_CONFIG_HOME", folder}});
  if (config) GTEST_SKIP() << "this machine has /etc/tidemark/tidemark.toml";
  EXPECT_THAT(config.error().hint, HasSubstr("tidemark config init"));
}

constexpr std::string_view kWithDatabase = R"(
[source.orders]
[source.orders.database]
user = "backup"
password_file = "/etc/tidemark/password"
ca_bundle = "/etc/tidemark/bundle.pem"
[source.orders.restore]
deadline = "2h"
hook = ["/usr/local/bin/migrate", "--env", "prod"]
[[source.orders.restore.check]]
sql = "select true"
[[source.orders.restore.check]]
name = "recent"
sql = "select count(*) > 0 from public.orders"
database = "shop"
)";

TEST(Config, ReadsHowToLogInAndWhatARestoreRuns) {
  const auto config = parse_config(kWithDatabase, "t.toml", {});
  ASSERT_TRUE(config) << config.error().message;
  const Source& source = config->sources.front();
  ASSERT_TRUE(source.database.has_value());
  EXPECT_EQ(source.database->user, "backup");
  EXPECT_EQ(source.restore.hook.size(), 3u);
  EXPECT_EQ(source.restore.deadline, std::chrono::hours(2));
  ASSERT_EQ(source.restore.checks.size(), 2u);
  EXPECT_EQ(source.restore.checks[0].name, "select true");
  EXPECT_EQ(source.restore.checks[1].database, "shop");
}

constexpr std::string_view kWithArchives = R"(
[repository]
url = "/srv/backup"
key_file = "/etc/tidemark/key"
grace = "3d"
policy = "default"
[source.orders]
[source.orders.database]
name = "shop"
[source.orders.archive]
policy = "nightly"
jobs = 4
[source.users.archive]
databases = ["a", "b"]
[policy.nightly]
schedule = "daily 01:00"
)";

TEST(Config, ReadsWhatIsArchivedBySchedule) {
  const auto config = parse_config(kWithArchives, "t.toml", {});
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_TRUE(config->archives_by_itself());
  EXPECT_EQ(config->repository->grace, std::chrono::hours(72));
  EXPECT_EQ(config->repository->policy, "default");
  const Archive& orders = *config->sources[0].archive;
  EXPECT_EQ(orders.databases, std::vector<std::string>{"shop"});
  EXPECT_EQ(orders.policy, "nightly");
  EXPECT_EQ(orders.jobs, 4);
  EXPECT_EQ(config->sources[1].archive->databases.size(), 2u);
  EXPECT_EQ(config->sources[1].archive->policy, "default");
}

TEST(Config, ReadsTheBucketOfASource) {
  const auto config = parse_config(R"(
[repository]
url = "/r"
key_file = "/k"
[source.shop]
bucket = "shop-files"
prefix = "live/"
[source.shop.archive]
databases = ["shop"]
[source.shop.files]
jobs = 3
inventory_report = "s3://reports/inventory/shop-files/daily"
[source.shop.references]
sql = "select key from attachments"
[source.users]
bucket = "user-files"
)",
                                   "t.toml", {});
  ASSERT_TRUE(config) << config.error().message;
  const Source& shop = config->sources[0];
  EXPECT_EQ(shop.files->bucket, "shop-files");
  EXPECT_EQ(shop.files->prefix, "live/");
  EXPECT_EQ(shop.files->jobs, 3);
  EXPECT_EQ(shop.files->policy, "default");  // that of its archives
  EXPECT_EQ(shop.references->database, "shop");
  EXPECT_EQ(shop.files->report_bucket, "reports");
  EXPECT_EQ(shop.files->report_folder, "inventory/shop-files/daily/");
  EXPECT_EQ(config->sources[1].files->policy, "");  // by hand, but with each snapshot
  EXPECT_TRUE(config->takes_inventories(config->sources[1]));
  EXPECT_TRUE(config->archives_by_itself());
}

TEST(Config, NamesFaultsOfFiles) {
  const auto fault = [](const std::string& text) {
    const auto config = parse_config(text, "t.toml", {});
    return config ? std::string("none") : config.error().message;
  };
  EXPECT_THAT(fault("[source.a]\nprefix = 'x'"), testing::HasSubstr("goes with bucket"));
  EXPECT_THAT(
      fault("[source.a]\nbucket = 'x-y'\n[source.a.files]\ninventory_report = 's3://reports'"),
      testing::HasSubstr("is no \"s3://BUCKET/"));
  EXPECT_THAT(fault("[source.a.files]\njobs = 2"), testing::HasSubstr("goes with bucket"));
  EXPECT_THAT(fault("[source.a.references]\nsql = 'x'"), testing::HasSubstr("goes with bucket"));
  EXPECT_THAT(fault("[source.a]\nbucket = 'files'\n[source.a.references]"),
              testing::HasSubstr("sql: is missing"));
  EXPECT_THAT(fault("[source.a]\nbucket = 'files'\n[source.a.files]\npolicy = 'nightly'"),
              testing::HasSubstr("'nightly'"));
  EXPECT_THAT(fault("[source.a]\nbucket = 'x-y'\n[source.a.archive]\ndatabases = ['files']"),
              testing::HasSubstr("the database files"));
}

TEST(Config, NamesFaultsOfArchives) {
  const auto fault = [](std::string text) {
    const auto config = parse_config(text, "t.toml", {});
    return config ? std::string("none") : config.error().message;
  };
  EXPECT_THAT(fault("[source.orders.archive]\ndatabases = ['shop']"),
              testing::HasSubstr("needs a [repository]"));
  EXPECT_THAT(fault("[source.orders.archive]"), testing::HasSubstr("databases"));
  const std::string all(kWithArchives);
  EXPECT_THAT(fault(all + "[source.x.archive]\ndatabases = ['x']\npolicy = 'nigthly'"),
              testing::HasSubstr("source.x.archive asks for policy 'nigthly'"));
  std::string other = all;
  other.replace(other.find("\"default\""), 9, "\"gone\"");
  EXPECT_THAT(fault(other), testing::HasSubstr("repository asks for policy 'gone'"));
  other = all;
  other.replace(other.find("3d"), 2, "3h");
  EXPECT_THAT(fault(other), testing::HasSubstr("grace"));
}

TEST(Config, NamesFaultsOfDatabaseAndRestore) {
  const auto fault = [](std::string_view text) {
    const auto config = parse_config("[source.orders]\n" + std::string(text), "t.toml", {});
    return config ? std::string("none") : config.error().message;
  };
  EXPECT_THAT(fault("[source.orders.database]\npassword = 'x'"),
              testing::HasSubstr("source.orders.database.password"));
  EXPECT_THAT(fault("[source.orders.database]\npassword_file = 'a'\npassword_command = ['b']"),
              testing::HasSubstr("give one of them"));
  EXPECT_THAT(fault("[source.orders.restore]\nhook = 'migrate now'"),
              testing::HasSubstr("a list of texts"));
  EXPECT_THAT(fault("[source.orders.restore]\nhook = []"), testing::HasSubstr("a list of texts"));
  EXPECT_THAT(fault("[source.orders.restore]\ncheck = 'x'"), testing::HasSubstr("[["));
  EXPECT_THAT(fault("[[source.orders.restore.check]]\nname = 'x'"), testing::HasSubstr("sql"));
}

}  // namespace
}  // namespace tidemark::config
