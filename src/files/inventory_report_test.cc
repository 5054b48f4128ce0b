#include "files/inventory_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "files/gunzip.h"
#include "files/report_rows.h"
#include "tests/support/memory_report.h"

namespace tidemark::files {
namespace {

using test::MemoryReport;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kBegan = "2026-11-24T01:00";

class InventoryReportTest : public testing::Test {
 protected:
  InventoryReportTest() : store_(new MemoryReport), given_(store_) {}

  MemoryReport& store() { return *store_; }

  Result<std::unique_ptr<InventoryReport>> open() {
    return InventoryReport::open_newest(std::move(given_), MemoryReport::kFolder, "shop-files",
                                        testing::TempDir(), {.memory_bytes = 2'000});
  }
  // "key id", or the error.
  std::vector<std::string> versions(const std::string& prefix = "") {
    auto report = open();
    if (!report) return {report.error().message};
    std::vector<std::string> seen;
    const Status read = (*report)->for_each_version(
        prefix,
        [&](const FileVersion& version) -> Status {
          seen.push_back(version.key + " " + version.id);
          return Done{};
        },
        []() -> Status { return Done{}; });
    if (!read) return {read.error().message};
    return seen;
  }
  std::string wrong() { return versions().front(); }

 private:
  MemoryReport* const store_;
  std::unique_ptr<ReportStore> given_;
};

TEST_F(InventoryReportTest, GivesVersionsInTheOrderOfABucketHoweverTheyCome) {
  store().write(kBegan, {MemoryReport::row("b", "1", "2026-11-20T00:00:00.000Z", "false") +
                             MemoryReport::row("a%2Fz+%C3%BC", "7", "2026-11-22T00:00:00.000Z"),
                         MemoryReport::row("b", "3", "2026-11-21T00:00:00.000Z", "true", "true") +
                             MemoryReport::row("B", "", "2026-11-20T00:00:00.000Z") +
                             MemoryReport::row("b", "2", "2026-11-22T00:00:00.000Z", "false")});
  EXPECT_THAT(versions(), ElementsAre("B null", "a/z \u00fc 7", "b 3", "b 2", "b 1"));
}

TEST_F(InventoryReportTest, GivesThePrefixAlone) {
  store().write(kBegan, {MemoryReport::row("live%2Fa", "1", "2026-11-20T00:00:00.000Z") +
                         MemoryReport::row("other", "1", "2026-11-20T00:00:00.000Z")});
  EXPECT_THAT(versions("live/"), ElementsAre("live/a 1"));
}

TEST_F(InventoryReportTest, IsTheNewestThatIsWholeAndOfTheMomentItsScanBegan) {
  store().write("2026-11-23T01:00", {});
  store().write(kBegan, {});
  store().write("2026-11-25T01:00", {});
  store().objects.erase(std::string(MemoryReport::kFolder) + "2026-11-25T01-00Z/manifest.checksum");
  const auto report = open();
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ((*report)->moment(), *parse_time("2026-11-24T01:00:00Z"));
  EXPECT_THAT((*report)->name(),
              HasSubstr("s3://reports/inventory/shop-files/daily/2026-11-24T01"));
}

TEST_F(InventoryReportTest, NoReportIsSaidSo) {
  store().objects[std::string(MemoryReport::kFolder) + "hive/dt=2026-11-24-01-00/symlink.txt"] = "";
  EXPECT_THAT(wrong(), HasSubstr("there is no report in s3://reports/inventory/"));
}

TEST_F(InventoryReportTest, OtherFormatsAreRefusedByTheirNames) {
  store().format = "Parquet";
  store().write(kBegan, {});
  const auto report = open();
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().kind, ErrorKind::unsupported);
  EXPECT_THAT(report.error().message, HasSubstr("Parquet"));
  EXPECT_THAT(report.error().hint, HasSubstr("CSV"));
}

TEST_F(InventoryReportTest, OfTheNewestVersionsAloneIsRefused) {
  store().schema = "Bucket, Key, Size, LastModifiedDate, ETag, StorageClass";
  store().write(kBegan, {});
  const auto report = open();
  ASSERT_FALSE(report);
  EXPECT_THAT(report.error().message, HasSubstr("VersionId"));
  EXPECT_THAT(report.error().hint, HasSubstr("all versions"));
}

TEST_F(InventoryReportTest, OfAnotherBucketOrVersionIsRefused) {
  store().of = "other-files";
  store().write(kBegan, {});
  EXPECT_THAT(wrong(), HasSubstr("of the bucket other-files"));
}

TEST_F(InventoryReportTest, AManifestThatWasChangedIsRefused) {
  store().write(kBegan, {});
  for (auto& [key, content] : store().objects)
    if (key.ends_with(".json")) content[content.size() - 2] = ' ';
  EXPECT_THAT(wrong(), HasSubstr("manifest.checksum"));
}

TEST_F(InventoryReportTest, AManifestOfAnythingIsAnErrorAndNoMore) {
  for (const char* text :
       {"", "[]", "7", "{", R"({"version": "2016-11-30"})", R"({"version": 3})",
        R"({"version":"2016-11-30","fileFormat":"CSV","sourceBucket":"shop-files",
            "creationTimestamp":"1e9","fileSchema":"","files":[]})"}) {
    MemoryReport spoilt;
    spoilt.put_manifest(kBegan, text);
    const std::string checksum = test::md5_hex(text);
    EXPECT_FALSE(read_report_manifest(text, checksum, "m", "shop-files")) << text;
  }
}

TEST_F(InventoryReportTest, ADataFileThatIsNotWhatTheManifestSaysIsNamed) {
  const std::string rows = MemoryReport::row("a", "1", "2026-11-20T00:00:00.000Z");
  store().write(kBegan, {rows});
  for (auto& [key, content] : store().objects)
    if (key.ends_with(".gz")) content[4] ^= 1;  // the time in its header: gzip does not mind
  EXPECT_THAT(wrong(), testing::AllOf(HasSubstr("csv.gz"), HasSubstr("checksum")));
}

TEST_F(InventoryReportTest, RowsThatCannotBeReadAreNamed) {
  const std::string good = MemoryReport::row("a", "1", "2026-11-20T00:00:00.000Z");
  store().write(kBegan, {good + good.substr(0, good.size() / 2)});
  EXPECT_THAT(wrong(), testing::AllOf(HasSubstr("csv.gz"), HasSubstr("row 2")));
}

TEST(Gunzip, GivesWhatWasCompressedInPiecesOfAnySize) {
  std::string plain;
  for (int i = 0; i < 60'000; ++i) plain += fmt::format("{},", i * 7919 % 10'007);
  const std::string packed = test::gzipped(plain) + test::gzipped("and a second member");
  for (const std::size_t piece : {std::size_t{1}, std::size_t{777}, packed.size()}) {
    Gunzip gunzip;
    std::string back;
    for (std::size_t at = 0; at < packed.size(); at += piece)
      ASSERT_TRUE(gunzip.add(ByteView(packed).substr(at, piece), [&](ByteView bytes) -> Status {
        back += bytes;
        return Done{};
      }));
    EXPECT_TRUE(gunzip.finish());
    EXPECT_EQ(back, plain + "and a second member");
  }
}

TEST(Gunzip, NoticesWhatWasCutOffOrChanged) {
  const std::string packed = test::gzipped(std::string(1'000, 'x') + "abc");
  const auto unpack = [](const std::string& bytes) -> Status {
    Gunzip gunzip;
    TRY(gunzip.add(bytes, [](ByteView) -> Status { return Done{}; }));
    return gunzip.finish();
  };
  EXPECT_TRUE(unpack(packed));
  for (std::size_t length = 0; length < packed.size(); ++length)
    EXPECT_FALSE(unpack(packed.substr(0, length))) << length;
  std::string changed = packed;
  changed[packed.size() - 6] ^= 1;  // of its CRC
  EXPECT_FALSE(unpack(changed));
  EXPECT_FALSE(unpack("no gzip at all"));
}

// -- rows -----------------------------------------------------------------------------------------

Result<std::vector<FileVersion>> rows_of(const std::string& text, std::size_t piece = 1'000) {
  const auto manifest = [] {
    MemoryReport report;
    report.write(kBegan, {});
    const std::string written =
        report.objects.at(std::string(MemoryReport::kFolder) + "2026-11-24T01-00Z/manifest.json");
    return *read_report_manifest(written, test::md5_hex(written), "m", "shop-files");
  }();
  std::vector<FileVersion> versions;
  ReportRows rows(manifest.columns, "shop-files", [&](FileVersion version) -> Status {
    versions.push_back(std::move(version));
    return Done{};
  });
  for (std::size_t at = 0; at < text.size(); at += piece)
    TRY(rows.add(ByteView(text).substr(at, piece)));
  TRY(rows.finish());
  return versions;
}

TEST(ReportRows, AreTheSameInPiecesOfAnySize) {
  const std::string text =
      MemoryReport::row("a", "1", "2026-11-20T00:00:00.000Z") +
      MemoryReport::row("say%20%22hi%22", "2", "2026-11-20T00:00:01.000Z") +
      MemoryReport::row("gone", "3", "2026-11-20T00:00:02.000Z", "true", "true");
  const auto whole = rows_of(text);
  ASSERT_TRUE(whole) << whole.error().message;
  EXPECT_EQ(whole->size(), 3u);
  EXPECT_EQ((*whole)[1].key, "say \"hi\"");
  EXPECT_EQ((*whole)[0].size, 12u);
  EXPECT_EQ((*whole)[0].modified, *parse_time("2026-11-20T00:00:00Z"));
  EXPECT_TRUE((*whole)[2].is_marker);
  EXPECT_EQ(*rows_of(text, 1), *whole);
  EXPECT_EQ(*rows_of(text.substr(0, text.size() - 1)), *whole) << "the last line lacks its end";
}

TEST(ReportRows, MayHoldQuotesAndBareFields) {
  const auto rows =
      rows_of("shop-files,\"k\",\"a\"\"b\",true,false,0,2026-11-20T00:00:00Z,e-2,GLACIER,\r\n\r\n");
  ASSERT_TRUE(rows) << rows.error().message;
  ASSERT_EQ(rows->size(), 1u);
  EXPECT_EQ(rows->front().id, "a\"b");
  EXPECT_EQ(rows->front().storage_class, "GLACIER");
}

TEST(ReportRows, ThatAreHostileAreRefused) {
  const std::string good = MemoryReport::row("a", "1", "2026-11-20T00:00:00.000Z");
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string row = good;
    return row.replace(row.find(from), from.size(), to);
  };
  for (const std::string& text :
       {with("\"true\"", "\"perhaps\""), with("\"12\"", "\"\""), with("\"12\"", "\"-1\""),
        with("\"12\"", "\"99999999999999999999\""), with("shop-files", "other-files"),
        with("2026-11-20T00:00:00.000Z", "yesterday"), with("\"a\"", "\"\""),
        with("\"a\"", "\"%zz\""), with("\"a\"", "\"" + std::string(1'025, 'k') + "\""),
        with("\"a\"", "\"a\"b"), with("\"a\"", "a\"b"), with("\"a\",", ""),
        with("\"a\"", "\"" + std::string(100'000, 'k') + "\""), good + "\"open",
        std::string(70'000, 'x')})
    EXPECT_EQ(rows_of(text).error().kind, ErrorKind::corrupt) << text.substr(0, 100);
}

}  // namespace
}  // namespace tidemark::files
