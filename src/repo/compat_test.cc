// What earlier versions wrote is read by this one: tests/compat/README.md.
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "repo/row_coder.h"
#include "repo/seal/key_text.h"
#include "repo/upkeep/check.h"
#include "repo/upkeep/distrust.h"
#include "repo/upkeep/prune.h"
#include "repo/upkeep/rekey.h"
#include "repo/upkeep/verify.h"
#include "tests/support/repository_fixture.h"

namespace tidemark::repo {
namespace {

namespace fs = std::filesystem;
using test::RepositoryFixture;

const fs::path kFolder = fs::path(TIDEMARK_SOURCE_DIR) / "tests/compat/repository-1";

constexpr std::string_view kSheet =
    "1  000G-40R4-0M30-E32V\n2  104G-M2RC-1M70-YH1V\n"
    "3  208H-44RM-2MB1-ECF3\n4  30CH-M6RW-3MF1-Y4B2\n";

KeySecret file_key() { return {KeySecret::Form::key, Secret(std::string(kRootBytes, 'f'))}; }
KeySecret sheet_key() { return {KeySecret::Form::key, *parse_key_text(kSheet)}; }
KeySecret password() { return {KeySecret::Form::password, Secret("correct horse")}; }

std::vector<Bytes> rows_of_day(int day) { return RepositoryFixture::rows(2, day); }

class CompatTest : public testing::Test {
 protected:
  Surroundings around() {
    return {.store = store_, .random = random_, .clock = clock_, .coder = coder_};
  }

  static std::map<std::string, Bytes> read_folder() {
    std::map<std::string, Bytes> objects;
    for (const auto& file : fs::recursive_directory_iterator(kFolder)) {
      if (!file.is_regular_file()) continue;
      std::ifstream in(file.path(), std::ios::binary);
      objects[fs::relative(file.path(), kFolder).string()] =
          Bytes(std::istreambuf_iterator<char>(in), {});
    }
    return objects;
  }

  test::ManualClock clock_{"2026-12-01T00:00:00Z"};
  test::MemoryStore store_{clock_};
  crypto::SystemRandom random_;
  RowCoder coder_;
};

TEST_F(CompatTest, TheFirstFormatIsRead) {
  const std::map<std::string, Bytes> objects = read_folder();
  ASSERT_FALSE(objects.empty());
  store_.set_contents(objects);
  for (const KeySecret& key : {file_key(), sheet_key(), password()}) {
    const auto opened = Repository::open(around(), key);
    ASSERT_TRUE(opened) << opened.error().message;
    Repository& repository = **opened;
    const auto history = repository.history();
    ASSERT_EQ(history->archives.size(), 2u);
    EXPECT_EQ(history->removed.size(), 1u);
    for (const auto& [name, archive] : history->archives) {
      const auto manifest = repository.load(name);
      Bytes joined;
      const auto chunks = repository.references(manifest->streams.at(0));
      for (const ChunkReference& chunk : *chunks) joined += *repository.read_chunk(chunk.id);
      const int day = static_cast<int>(archive.sequence);
      EXPECT_EQ(joined, RepositoryFixture::joined(rows_of_day(day)));
      EXPECT_EQ(archive.source, "orders");
    }
    // Of a pack that is not there, so that nothing else is told of it.
    const auto distrusts = read_distrusts(repository.access());
    ASSERT_EQ(distrusts->records.size(), 1u);
    EXPECT_EQ(distrusts->records[0].distrust.moment, *parse_time("2026-12-01T00:00:00Z"));
    EXPECT_EQ(distrusts->packs, std::vector{name_of("a pack that is gone")});
    const auto report = check(repository);
    for (const Error& finding : report->findings) ADD_FAILURE() << finding.message;
    EXPECT_TRUE(report->sound());
    EXPECT_TRUE(verify(repository, {})->findings.empty());
  }
}

// Adds the one object that came later; run by hand, once.
TEST_F(CompatTest, DISABLED_AddADistrust) {
  ASSERT_FALSE(fs::exists(kFolder / "distrusts")) << "it never changes";
  std::map<std::string, Bytes> objects = read_folder();
  store_.set_contents(objects);
  auto repository = *Repository::open(around(), file_key());
  ASSERT_TRUE(distrust_packs(repository->access(), {name_of("a pack that is gone")}));
  fs::create_directories(kFolder / "distrusts");
  for (const auto& [object, body] : store_.contents())
    if (!objects.contains(object)) std::ofstream(kFolder / object, std::ios::binary) << body;
}

// Makes the folder; run by hand, once for a format.
TEST_F(CompatTest, DISABLED_WriteTheRepositoryOfThisVersion) {
  ASSERT_FALSE(fs::exists(kFolder)) << "it never changes";
  const auto slot = [&](SlotKind kind, std::string label) {
    return NewSlot{.kind = kind,
                   .label = std::move(label),
                   .made = clock_.now(),
                   .cost = crypto::kArgon2CostMin};
  };
  const Secret first(std::string(kRootBytes, '1'));
  ASSERT_TRUE(Repository::init(around(), slot(SlotKind::key_file, "first"), first));
  const KeySecret first_key{KeySecret::Form::key, first};
  std::optional<RepositoryFixture::Archived> day;
  std::vector<ObjectName> names;
  for (int i = 1; i <= 2; ++i) {
    auto repository = *Repository::open(around(), first_key);
    day = *RepositoryFixture::archive(*repository, rows_of_day(i),
                                      day ? day->chunks : std::vector<ChunkReference>());
    names.push_back(day->name);
    clock_.advance(std::chrono::hours(24));
  }
  ASSERT_TRUE(rekey(**Repository::open(around(), first_key),
                    {{slot(SlotKind::key_file, "file"), file_key().secret},
                     {slot(SlotKind::recovery_sheet, "sheet"), sheet_key().secret},
                     {slot(SlotKind::password, "password"), password().secret}},
                    "test"));
  auto repository = *Repository::open(around(), file_key());
  ASSERT_TRUE(RepositoryFixture::archive(*repository, rows_of_day(3), day->chunks));
  clock_.advance(std::chrono::hours(24));
  PruneOptions options{.grace = Millis(0), .owner = "test"};
  ASSERT_TRUE(apply_prune(*repository, *plan_prune(*repository, {names[0]}, options), options));
  options.grace = std::chrono::hours(24);
  ASSERT_TRUE(apply_prune(*repository, *plan_prune(*repository, {names[1]}, options), options));
  for (const auto& [object, body] : store_.contents()) {
    fs::create_directories((kFolder / object).parent_path());
    std::ofstream(kFolder / object, std::ios::binary) << body;
  }
}

}  // namespace
}  // namespace tidemark::repo
