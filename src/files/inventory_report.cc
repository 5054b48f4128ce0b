#include "files/inventory_report.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/remote_text.h"
#include "crypto/hash.h"
#include "files/gunzip.h"
#include "files/report_rows.h"

namespace tidemark::files {
namespace {

constexpr std::size_t kManifestBytesMax = 32u << 20;
constexpr std::size_t kChecksumBytesMax = 1'024;
constexpr std::string_view kManifest = "manifest.json";
constexpr std::string_view kChecksum = "manifest.checksum";

struct Newest {
  TimePoint moment;
  std::string folder;  // of its manifest
};

// A manifest whose checksum is not there yet is still being written.
Result<Newest> find_newest(ReportStore& store, const std::string& folder) {
  std::optional<Newest> newest;
  std::string last_checksum;  // comes right before its manifest in the order of keys
  TRY(store.for_each_key(folder, [&](const std::string& key) -> Status {
    if (key.ends_with(kChecksum)) last_checksum = key.substr(0, key.size() - kChecksum.size());
    const auto began = scan_began(key, folder);
    if (!began) return Done{};
    std::string of = key.substr(0, key.size() - kManifest.size());
    if (of == last_checksum && (!newest || *began > newest->moment))
      newest = Newest{*began, std::move(of)};
    return Done{};
  }));
  if (newest) return *newest;
  return Error{
      ErrorKind::not_found,
      fmt::format("there is no report in {}/{}", store.describe(), clean_remote_text(folder)),
      "inventory_report is \"s3://BUCKET/PREFIX/SOURCE-BUCKET/CONFIGURATION/\"; S3 writes the "
      "first report within 48 hours"};
}

}  // namespace

Result<std::unique_ptr<InventoryReport>> InventoryReport::open_newest(
    std::unique_ptr<ReportStore> store, const std::string& folder, const std::string& bucket,
    std::string scratch, SorterLimits limits) {
  std::unique_ptr<InventoryReport> report(
      new InventoryReport(std::move(store), bucket, std::move(scratch), limits));
  ReportStore& from = *report->store_;
  const Newest newest = TRY(find_newest(from, folder));
  const std::string key = newest.folder + std::string(kManifest);
  const Bytes text = TRY(from.get(key, kManifestBytesMax));
  const Bytes checksum = TRY(from.get(newest.folder + std::string(kChecksum), kChecksumBytesMax));
  report->name_ = fmt::format("{}/{}", from.describe(), clean_remote_text(key));
  report->manifest_ = TRY(read_report_manifest(text, checksum, report->name_, bucket));
  // Of the two times the earlier one: what a report may lack is not to be missed.
  const TimePoint created = std::chrono::floor<Seconds>(report->manifest_.created);
  report->moment_ = std::min(newest.moment, created);
  return report;
}

Status InventoryReport::read_file(const ReportFile& file, const std::string& prefix,
                                  VersionSorter& sorter, const Alive& alive) {
  crypto::Md5 digest;
  Gunzip gunzip;
  ReportRows rows(manifest_.columns, bucket_, [&](FileVersion version) -> Status {
    return version.key.starts_with(prefix) ? sorter.add(std::move(version)) : Done{};
  });
  const auto take = [&](ByteView bytes) -> Status {
    TRY(alive());
    digest.update(bytes);
    return gunzip.add(bytes, [&](ByteView plain) { return rows.add(plain); });
  };
  const auto read = [&]() -> Status {
    TRY(store_->read(file.key, file.size, take));
    if (digest.finish() != file.md5)
      return Error{ErrorKind::corrupt, "it does not have the checksum that the manifest states"};
    TRY(gunzip.finish());
    return rows.finish();
  };
  const Status done = read();
  if (done) return Done{};
  return in_context(fmt::format("{}/{}", store_->describe(), clean_remote_text(file.key)),
                    done.error());
}

Status InventoryReport::for_each_version(const std::string& prefix, const Bucket::Visit& visit,
                                         const Alive& alive) {
  VersionSorter sorter(scratch_, limits_);
  for (const ReportFile& file : manifest_.files) TRY(read_file(file, prefix, sorter, alive));
  return sorter.for_each(visit);
}

}  // namespace tidemark::files
