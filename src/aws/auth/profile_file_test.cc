#include "aws/auth/profile_file.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tidemark::aws {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

Profiles config(std::string_view text) { return *parse_profiles(text, ProfileFileKind::config); }

std::string fault(std::string_view text) {
  const auto profiles = parse_profiles(text, ProfileFileKind::config);
  return profiles ? "(none)" : profiles.error().message;
}

TEST(ProfileFile, ReadsWhatPeopleWrite) {
  const Profiles profiles = config(
      "\xef\xbb\xbf# my settings\r\n"
      "[default]\r\n"
      "region = eu-central-1\r\n"
      "; old style comment\n"
      "\n"
      "[profile prod]\n"
      "Role_ARN: arn:aws:iam::123456789012:role/backup\n"
      "source_profile=default\n"
      "[profile \"with space\"]\n"
      "region = us-east-1 # not a comment\n"
      "[profile 'quoted']\n"
      "a = x=y\n");
  EXPECT_THAT(
      profiles,
      UnorderedElementsAre(
          Pair("default", ElementsAre(Pair("region", "eu-central-1"))),
          Pair("prod", ElementsAre(Pair("role_arn", "arn:aws:iam::123456789012:role/backup"),
                                   Pair("source_profile", "default"))),
          Pair("with space", ElementsAre(Pair("region", "us-east-1 # not a comment"))),
          Pair("quoted", ElementsAre(Pair("a", "x=y")))));
}

TEST(ProfileFile, SkipsNestedSectionsAndJoinsContinuedLines) {
  const Profiles profiles = config(
      "[default]\n"
      "s3 =\n"
      "  addressing_style = path\n"
      "  region = nested\n"
      "credential_process = /opt/helper\n"
      "    --account 1\n"
      "region = eu-west-1\n");
  EXPECT_THAT(profiles.at("default"),
              ElementsAre(Pair("credential_process", "/opt/helper\n--account 1"),
                          Pair("region", "eu-west-1"), Pair("s3", "")));
}

TEST(ProfileFile, IndentedSectionsAreReadWhole) {
  EXPECT_THAT(config("[default]\n  region = a\n  output = b\n").at("default"),
              ElementsAre(Pair("output", "b"), Pair("region", "a")));
}

TEST(ProfileFile, OtherSectionsOfTheConfigFileAreNoProfiles) {
  EXPECT_THAT(config("[sso-session x]\na=1\n a=2\na=1\n[services y]\nb=1\n[plugins]\nc=1\n"
                     "[profiles]\nd=1\n[profile]\ne=1\n"),
              IsEmpty());
}

TEST(ProfileFile, EverySectionOfTheCredentialsFileIsAProfile) {
  const auto profiles =
      parse_profiles("[prod]\na=1\n[profile x]\nb=2\n", ProfileFileKind::credentials);
  ASSERT_TRUE(profiles);
  EXPECT_TRUE(profiles->contains("prod"));
  EXPECT_TRUE(profiles->contains("profile x"));
}

TEST(ProfileFile, TheLaterOfTheTwoSpellingsOfDefaultCounts) {
  EXPECT_EQ(config("[default]\na=1\n[profile default]\na=2\n").at("default").at("a"), "2");
}

TEST(ProfileFile, FaultsNameTheLineAndNeverShowIt) {
  EXPECT_EQ(fault("a = canary"), "line 1 stands before the first section");
  EXPECT_EQ(fault("[default]\n\ncanary"), "line 3 is neither a key nor a section");
  EXPECT_EQ(fault("[default]\n= canary"), "line 2 is neither a key nor a section");
  EXPECT_EQ(fault("[default\n"), "line 1 opens a section and does not close it");
  EXPECT_EQ(fault("[default]\n[default]\n"), "line 2 opens a section for the second time");
  EXPECT_EQ(fault("[default]\na=canary\nA=b\n"), "line 3 sets a key for the second time");
  EXPECT_EQ(fault(std::string_view("[default]\na=\0b", 14)), "line 2 holds a zero byte");
}

TEST(ProfileFile, EveryTruncationIsReadOrRefusedWithALine) {
  const std::string text =
      "# c\n[default]\naws_access_key_id = AK\ns3 =\n  a = b\n[profile x]\nr: y";
  for (std::size_t length = 0; length <= text.size(); ++length) {
    const auto profiles = parse_profiles(text.substr(0, length), ProfileFileKind::config);
    EXPECT_TRUE(profiles || profiles.error().message.starts_with("line ")) << length;
  }
}

class ProfileFilesOnDisk : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(::testing::TempDir()) /
              ::testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::create_directories(folder_ / ".aws");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& name, std::string_view text) {
    std::ofstream(folder_ / name) << text;
    return folder_ / name;
  }
  Environment home() const { return {{"HOME", folder_}}; }

  std::filesystem::path folder_;
};

TEST_F(ProfileFilesOnDisk, AreFoundInTheHomeFolderAndMerged) {
  write(".aws/config", "[default]\nregion=a\noutput=json\n[profile x]\nregion=b\n");
  write(".aws/credentials", "[default]\nregion=c\n[y]\nk=1\n");
  const auto files = read_profile_files(home());
  ASSERT_TRUE(files);
  EXPECT_THAT(files->merged("default"), ElementsAre(Pair("output", "json"), Pair("region", "c")));
  EXPECT_TRUE(files->knows("x"));
  EXPECT_TRUE(files->knows("y"));
  EXPECT_FALSE(files->knows("z"));
  EXPECT_THAT(files->merged("z"), IsEmpty());
}

TEST_F(ProfileFilesOnDisk, AreFoundByVariables) {
  const std::string path = write("elsewhere", "[profile x]\nregion=b\n");
  write("keys", "[k]\n");
  const auto files = read_profile_files(
      {{"AWS_CONFIG_FILE", path}, {"AWS_SHARED_CREDENTIALS_FILE", "~/keys"}, {"HOME", folder_}});
  ASSERT_TRUE(files);
  EXPECT_TRUE(files->knows("x"));
  EXPECT_TRUE(files->knows("k"));
}

TEST_F(ProfileFilesOnDisk, ThatAreAbsentAreEmpty) {
  EXPECT_TRUE(read_profile_files(home()));
  EXPECT_TRUE(read_profile_files({}));
  EXPECT_TRUE(read_profile_files({{"AWS_CONFIG_FILE", "/nonexistent/config"}}));
}

TEST_F(ProfileFilesOnDisk, ThatCannotBeUsedAreErrorsNamingThePath) {
  EXPECT_FALSE(read_profile_files({{"AWS_CONFIG_FILE", "~/x"}}));

  write(".aws/config", "[default]\ncanary-secret\n");
  const auto broken = read_profile_files(home());
  ASSERT_FALSE(broken);
  EXPECT_THAT(broken.error().message, HasSubstr((folder_ / ".aws/config").string()));
  EXPECT_THAT(broken.error().message, HasSubstr("line 2"));
  EXPECT_THAT(broken.error().message, Not(HasSubstr("canary")));

  write(".aws/config", std::string(kProfileFileBytesMax + 1, '#'));
  const auto large = read_profile_files(home());
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().kind, ErrorKind::exhausted);
}

TEST(SelectedProfile, IsTheOperatorsChoiceThenTheVariables) {
  EXPECT_EQ(selected_profile({{"AWS_PROFILE", "a"}}, "chosen"), "chosen");
  EXPECT_EQ(selected_profile({{"AWS_PROFILE", "a"}, {"AWS_DEFAULT_PROFILE", "b"}}, ""), "a");
  EXPECT_EQ(selected_profile({{"AWS_PROFILE", ""}, {"AWS_DEFAULT_PROFILE", "b"}}, ""), "b");
  EXPECT_EQ(selected_profile({}, ""), "default");
}

TEST_F(ProfileFilesOnDisk, RegionComesFromTheFirstOfItsSources) {
  write(".aws/config", "[default]\nregion=eu-west-1\n[profile x]\nregion=eu-west-2\n");
  Environment environment = home();
  EXPECT_EQ(*resolve_region(environment, ""), "eu-west-1");
  EXPECT_EQ(*resolve_region(environment, "x"), "eu-west-2");
  environment["AWS_PROFILE"] = "x";
  EXPECT_EQ(*resolve_region(environment, ""), "eu-west-2");
  environment["AWS_DEFAULT_REGION"] = "us-east-1";
  EXPECT_EQ(*resolve_region(environment, ""), "us-east-1");
  environment["AWS_REGION"] = "us-east-2";
  EXPECT_EQ(*resolve_region(environment, ""), "us-east-2");
  environment["AWS_REGION_NAME"] = "us-west-1";
  EXPECT_EQ(*resolve_region(environment, ""), "us-west-1");
  environment["AWS_REGION_NAME"] = "";
  EXPECT_EQ(*resolve_region(environment, ""), "us-east-2");
}

TEST_F(ProfileFilesOnDisk, RegionThatIsMissingOrMalformedIsAnErrorWithAHint) {
  const auto none = resolve_region(home(), "");
  ASSERT_FALSE(none);
  EXPECT_THAT(none.error().hint, HasSubstr("AWS_REGION"));
  write(".aws/config", "[default]\nregion = eu-west-1 # Ireland\n");
  const auto malformed = resolve_region(home(), "");
  ASSERT_FALSE(malformed);
  EXPECT_THAT(malformed.error().message, HasSubstr("region of profile default"));
  EXPECT_FALSE(resolve_region({{"AWS_REGION", "evil.example/"}}, ""));
}

}  // namespace
}  // namespace tidemark::aws
