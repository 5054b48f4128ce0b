// InventoryReport: what versions a bucket had, by a report of S3 Inventory instead of a listing.
//
// S3 writes such reports once a day or a week, of buckets that take too long to be listed. A report
// is of the moment when its scan began: what was stored since may be in it or not, and is left out
// by whoever goes by the times of versions. All of it is proven by the checksums of its manifest
// before the first version is given. Memory does not grow with the bucket; the disk is used for
// what has to be sorted.
#pragma once

#include <memory>

#include "files/report_manifest.h"
#include "files/version_sorter.h"

namespace tidemark::files {

// The bucket that the report lies in. A failure is final.
class ReportStore {
 public:
  virtual ~ReportStore() = default;

  // "s3://reports"
  virtual std::string describe() const = 0;
  virtual Status for_each_key(const std::string& prefix,
                              const std::function<Status(const std::string&)>& visit) = 0;
  // Fails with exhausted when the object is larger.
  virtual Result<Bytes> get(const std::string& key, std::size_t bytes_max) = 0;
  // Gives the first `size` bytes in order; fails with corrupt when there are fewer or more.
  virtual Status read(const std::string& key, std::uint64_t size,
                      const std::function<Status(ByteView)>& sink) = 0;
};

class InventoryReport {
 public:
  // The newest report under the folder, "inventory/shop-files/daily/", of that bucket. scratch: a
  // folder on disk. Fails with not_found when there is none, and as read_report_manifest() does.
  static Result<std::unique_ptr<InventoryReport>> open_newest(std::unique_ptr<ReportStore> store,
                                                              const std::string& folder,
                                                              const std::string& bucket,
                                                              std::string scratch,
                                                              SorterLimits limits = {});

  TimePoint moment() const { return moment_; }       // that it is of
  const std::string& name() const { return name_; }  // "s3://reports/.../manifest.json"

  // Called every few megabytes, for minutes before the first version comes; may end it.
  using Alive = std::function<Status()>;

  // As Bucket does.
  Status for_each_version(const std::string& prefix, const Bucket::Visit& visit,
                          const Alive& alive);

 private:
  InventoryReport(std::unique_ptr<ReportStore> store, std::string bucket, std::string scratch,
                  SorterLimits limits)
      : store_(std::move(store)),
        bucket_(std::move(bucket)),
        scratch_(std::move(scratch)),
        limits_(limits) {}

  Status read_file(const ReportFile& file, const std::string& prefix, VersionSorter& sorter,
                   const Alive& alive);

  const std::unique_ptr<ReportStore> store_;
  const std::string bucket_;
  const std::string scratch_;
  const SorterLimits limits_;
  std::string name_;
  TimePoint moment_;
  ReportManifest manifest_;
};

}  // namespace tidemark::files
