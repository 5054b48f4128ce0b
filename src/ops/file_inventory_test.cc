#include "ops/file_inventory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "postgres/copy/copy_text.h"
#include "tests/support/memory_bucket.h"
#include "tests/support/memory_report.h"
#include "tests/support/repository_fixture.h"

namespace tidemark::ops {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class FileInventoryTest : public testing::Test, public test::RepositoryFixture {
 protected:
  Result<InventoryOutcome> take(const std::optional<repo::Archive>& point = {},
                                const std::string& prefix = "") {
    const StopSignal stop;
    return take_inventory(bucket_, *repository_,
                          {.source = "shop", .prefix = prefix, .owner = "test", .point = point},
                          stop);
  }
  std::vector<std::string> keys(const std::optional<std::string>& digits = {},
                                const std::string& prefix = "") {
    const auto archive = find_inventory(*repository_, "shop", digits);
    if (!archive) return {archive.error().message};
    const auto rows = inventory_rows(*repository_, *archive, prefix);
    CHECK(bool(rows));
    std::vector<std::string> keys;
    for (auto row = (*rows)();; row = (*rows)()) {
      if (!row) return {row.error().message};
      if (!*row) return keys;
      keys.push_back((*row)->key);
    }
  }
  // An archive of a database whose rows name these files.
  repo::Archive point_naming(const std::vector<std::string>& named, TimePoint moment) {
    Bytes rows;
    for (const std::string& one : named) postgres::put_copy_row(rows, {one});
    auto writer = *repo::Writer::begin(*repository_, "test");
    RowChecksum checksum;
    checksum.add(rows);
    std::vector<repo::ChunkReference> chunks;
    if (!rows.empty()) chunks.push_back({*writer->add_chunk(rows), 0});
    CHECK(writer->add_stream({.name = std::string(kReferencesStream),
                              .rows = checksum.rows(),
                              .bytes = rows.size(),
                              .checksum = checksum.digest()},
                             chunks));
    const auto name = writer->commit({.moment = moment, .source = "shop/db", .tool_version = "1"});
    CHECK(bool(name));
    return *archive_by_id(*repository_, name->hex());
  }

  test::MemoryBucket bucket_;
  std::unique_ptr<repo::Repository> repository_ = open();
};

TEST(FileInventory, RowsHoldAnyKey) {
  for (const std::string& key : {std::string("a"), std::string("tab\there\nline\\ \r"),
                                 std::string("\x01\xff\0z", 4), std::string(1'024, '\\')}) {
    const files::FileVersion file{.key = key,
                                  .id = "v/1",
                                  .size = 18'446'744'073'709'551'615u,
                                  .modified = *parse_time("2026-11-24T02:00:00Z"),
                                  .etag = "abc-2",
                                  .storage_class = "STANDARD"};
    Bytes row = encode_file(file);
    ASSERT_EQ(row.find('\n'), row.size() - 1);
    row.pop_back();
    const auto back = decode_file(row);
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(*back, file);
  }
}

TEST(FileInventory, RowsThatAreCutShortAreRefused) {
  Bytes row = encode_file({.key = "k", .id = "v", .size = 12, .etag = "e", .storage_class = "S"});
  row.pop_back();
  ASSERT_TRUE(decode_file(row));
  for (std::size_t length = 0; length + 1 < row.size(); ++length)
    EXPECT_FALSE(decode_file(row.substr(0, length))) << length;
}

TEST_F(FileInventoryTest, IsOfTheMomentOfThePointWhateverCameLater) {
  bucket_.put("kept", "1");
  bucket_.put("deleted later", "1");
  const repo::Archive point = point_naming({"kept"}, bucket_.time());
  bucket_.tick();
  bucket_.remove("deleted later");
  bucket_.put("stored later", "1");
  const auto taken = take(point);
  ASSERT_TRUE(taken) << taken.error().message;
  EXPECT_EQ(taken->moment, point.moment);
  EXPECT_EQ(taken->skew, Seconds(0));
  EXPECT_THAT(keys(), ElementsAre("deleted later", "kept"));
  EXPECT_THAT(keys(point.name.hex()), ElementsAre("deleted later", "kept"));
  EXPECT_THAT(keys({}, "k"), ElementsAre("kept"));
  EXPECT_THAT(keys("0123456789").front(), HasSubstr("no inventory"));
}

TEST_F(FileInventoryTest, WithoutVersionsItIsOfWhatIsThereAndSaysTheSkew) {
  bucket_.set_versioning(false);
  const repo::Archive point = point_naming({}, bucket_.time());
  bucket_.tick();
  bucket_.tick();
  bucket_.put("stored later", "1");
  const auto taken = take(point);
  ASSERT_TRUE(taken) << taken.error().message;
  EXPECT_EQ(taken->skew, Seconds(2));
  EXPECT_THAT(keys(), ElementsAre("stored later"));
}

TEST_F(FileInventoryTest, IsOfTheMomentOfASnapshotAndSaysHowMuchLaterThatIsThanTheRows) {
  bucket_.put("then", "1");
  const TimePoint moment = bucket_.time() + Millis(900);
  bucket_.tick();
  bucket_.put("later", "1");
  const SnapshotMoment snapshot{
      .id = "the-snapshot", .moment = moment, .last_transaction = bucket_.time() - Seconds(4)};
  const StopSignal stop;
  const auto taken = take_inventory(
      bucket_, *repository_, {.source = "shop", .owner = "test", .snapshot = snapshot}, stop);
  ASSERT_TRUE(taken) << taken.error().message;
  EXPECT_EQ(taken->moment, std::chrono::floor<Seconds>(moment));
  EXPECT_EQ(taken->skew, Seconds(3));
  EXPECT_THAT(keys("the-snapshot"), ElementsAre("then"));
  EXPECT_THAT(keys("the-snap").front(), HasSubstr("no inventory"));
  const auto found = find_inventory(*repository_, "shop", "the-snapshot");
  EXPECT_EQ(found->source, "shop/files/points");
  EXPECT_EQ(found->facts.at("skew_seconds"), "3");
  EXPECT_THAT(keys().front(), HasSubstr("no inventory")) << "it belongs to something";
  EXPECT_FALSE(*point_without_inventory(*repository_, "shop", "")) << "it is no database";
  EXPECT_EQ(SnapshotMoment{}.skew_of(moment), std::nullopt) << "RDS did not say";
}

TEST_F(FileInventoryTest, OfAReportIsNeverNewerThanTheReport) {
  bucket_.put("anything", "that the bucket has");
  const TimePoint scan = std::chrono::floor<std::chrono::minutes>(bucket_.time());
  auto reports = std::make_unique<test::MemoryReport>();
  const auto time = [&](Seconds later) { return format_time(scan + later); };
  reports->write(format_time(scan).substr(0, 16),
                 {test::MemoryReport::row("changed", "1", time(-Seconds(9)), "false") +
                  test::MemoryReport::row("changed", "2", time(Seconds(5))) +
                  test::MemoryReport::row("then", "1", time(-Seconds(9)))});
  auto report = files::InventoryReport::open_newest(std::move(reports), test::MemoryReport::kFolder,
                                                    "shop-files", testing::TempDir());
  ASSERT_TRUE(report) << report.error().message;
  const auto take_at = [&](const repo::Archive& point) {
    const StopSignal stop;
    return take_inventory(
        bucket_, *repository_,
        {.source = "shop", .owner = "test", .point = point, .report = report->get()}, stop);
  };
  const auto later = take_at(point_naming({"then", "later"}, scan + std::chrono::hours(20)));
  ASSERT_TRUE(later) << later.error().message;
  EXPECT_EQ(later->moment, scan);
  EXPECT_EQ(later->skew, Seconds(-72'000));
  EXPECT_FALSE(later->references) << "of another moment, most would be missing";
  EXPECT_THAT(keys(), ElementsAre("changed", "then"));
  EXPECT_EQ(find_inventory(*repository_, "shop", {})->facts.at("report"), (*report)->name());
  const repo::Archive before = point_naming({"then"}, scan - Seconds(3));
  const auto exact = take_at(before);
  ASSERT_TRUE(exact) << exact.error().message;
  EXPECT_EQ(exact->skew, Seconds(0)) << "of versions, a report tells of the time before it as well";
  EXPECT_EQ(exact->references->orphaned, 1u);
}

TEST_F(FileInventoryTest, OfASnapshotBuildsOnThatOfAnArchive) {
  for (int i = 0; i < 20'000; ++i) bucket_.put(fmt::format("files/{:06}.pdf", i), "content");
  const auto first = take();
  ASSERT_TRUE(first) << first.error().message;
  const StopSignal stop;
  const auto second = take_inventory(
      bucket_, *repository_,
      {.source = "shop", .owner = "test", .snapshot = SnapshotMoment{"s", bucket_.time()}}, stop);
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_LT(second->tally.stored_bytes, first->tally.stored_bytes / 4);
}

TEST_F(FileInventoryTest, CountsWhatIsMissingAndWhatIsOrphaned) {
  for (const char* one : {"a", "b", "d"}) bucket_.put(one, "1");
  const repo::Archive point = point_naming({"a", "c", "d", "e"}, bucket_.time());
  const auto taken = take(point);
  ASSERT_TRUE(taken) << taken.error().message;
  EXPECT_EQ(taken->references->missing, 2u);
  EXPECT_EQ(taken->references->orphaned, 1u);
  const auto archive = find_inventory(*repository_, "shop", {});
  EXPECT_EQ(archive->facts.at(std::string(kMissingFact)), "2");
  EXPECT_EQ(take(point, "d")->references->missing, 3u);  // what is not covered is not protected
}

TEST_F(FileInventoryTest, APointHasOneInventory) {
  const repo::Archive point = point_naming({}, bucket_.time());
  EXPECT_EQ((*point_without_inventory(*repository_, "shop", ""))->name, point.name);
  EXPECT_FALSE(*point_without_inventory(*repository_, "shop", "other"));
  ASSERT_TRUE(take(point));
  EXPECT_FALSE(*point_without_inventory(*repository_, "shop", "db"));
}

TEST_F(FileInventoryTest, ADayIsADifference) {
  for (int i = 0; i < 20'000; ++i) bucket_.put(fmt::format("files/{:06}.pdf", i), "content");
  const auto first = take();
  ASSERT_TRUE(first) << first.error().message;
  bucket_.tick();
  bucket_.put("files/010000.pdf", "changed");
  const auto second = take();
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(second->files, 20'000u);
  EXPECT_LT(second->tally.stored_bytes, first->tally.stored_bytes / 4);
}

TEST(ReferenceCheck, RefusesReferencesOutOfTheirOrder) {
  std::vector<std::string> keys = {"b", "a"};
  ReferenceCheck check(
      [&, at = std::size_t{0}]() mutable -> Result<std::optional<std::string>> {
        return at < keys.size() ? std::optional(keys[at++]) : std::nullopt;
      },
      {});
  EXPECT_EQ(check.finish().error().kind, ErrorKind::corrupt);
}

}  // namespace
}  // namespace tidemark::ops
