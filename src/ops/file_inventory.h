// Inventories: what files a bucket held at a moment, as an archive of the repository.
//
// docs/repository-format.md, "Inventories", is normative. An inventory is one stream of rows, a
// file each, by key, so that the inventory of another day is stored as a difference to it.
#pragma once

#include <memory>

#include "base/clock.h"
#include "core/recovery_point.h"
#include "files/bucket.h"
#include "files/inventory_report.h"
#include "files/walk.h"
#include "ops/archive_reader.h"
#include "ops/file_references.h"
#include "repo/writer.h"

namespace tidemark::ops {

inline constexpr std::string_view kFilesStream = "files";
inline constexpr std::string_view kBucketFact = "bucket";
inline constexpr std::string_view kPrefixFact = "prefix";
inline constexpr std::string_view kPointFact = "point";  // the archive of the database with it
inline constexpr std::string_view kSnapshotFact = "snapshot";  // or the snapshot
inline constexpr std::string_view kReportFact = "report";  // of S3 Inventory, that it was made of
inline constexpr std::string_view kTakenFact = "taken";    // when, in that case
inline constexpr std::string_view kSkewFact = "skew_seconds";

// "shop/files", what the inventories of a source are archived as.
std::string inventory_name(const std::string& source);
// "shop/files/points", what those that belong to snapshots are. Each kind has its own retention.
std::string point_inventory_name(const std::string& source);

// A snapshot, as far as an inventory belongs to it. The moment of a point is when RDS took it
// (docs/snapshot-tags.md), which is not before the last transaction in it.
struct SnapshotMoment {
  std::string id;
  TimePoint moment;
  std::optional<TimePoint> last_transaction = {};  // when RDS says

  // By how much files as of that time are later than the rows.
  std::optional<Seconds> skew_of(TimePoint files) const;
};

SnapshotMoment snapshot_moment(const core::RecoveryPoint& point);

struct InventoryOptions {
  std::string source;  // of the configuration
  std::string prefix;
  std::string owner;  // of the lease
  std::string tool_version;
  // The database's archive that it belongs to.
  std::optional<repo::Archive> point = {};
  // Or the snapshot that it belongs to.
  std::optional<SnapshotMoment> snapshot = {};
  // What versions there are, instead of a listing of the bucket. Its moment is that of the
  // inventory when it is the earlier one; rows of a later one are then compared with nothing.
  files::InventoryReport* report = nullptr;
  // Called for each file that a row of the point names and that is not there, and the other way
  // round; may be empty.
  ReferenceCheck::Emit on_mismatch = {};
};

struct ReferenceCount {
  std::uint64_t missing = 0;
  std::uint64_t orphaned = 0;
};

struct InventoryOutcome {
  repo::ObjectName name;
  TimePoint moment;
  std::optional<Seconds> skew;  // to the rows of the point; absent: unknown, or there is none
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;                   // of all files
  std::optional<ReferenceCount> references;  // absent: the point has none
  std::string report;                        // that it was made of; empty: of a listing
  repo::WriterTally tally;
};

// Where versioning is on, the inventory is of the very moment of the point, or of the beginning of
// the listing when there is none: what was stored meanwhile is left out. Where it is not, it is of
// what is there, and its moment that of the listing.
Result<InventoryOutcome> take_inventory(files::Bucket& bucket, repo::Repository& repository,
                                        const InventoryOptions& options, const StopSignal& stop);

// The newest inventory of the source that belongs to no snapshot; or the newest one of those that
// this names: the first digits of its name, or of that of the archive of a database that it belongs
// to, or the snapshot. Fails with not_found.
Result<repo::Archive> find_inventory(repo::Repository& repository, const std::string& source,
                                     const std::optional<std::string>& name);

// The database's archive that an inventory belongs to, when it is there still.
std::optional<repo::Archive> point_of_inventory(const repo::History& history,
                                                const repo::Archive& inventory);

// The newest archive of the source's database (empty: of any) when no inventory belongs to it yet.
Result<std::optional<repo::Archive>> point_without_inventory(repo::Repository& repository,
                                                             const std::string& source,
                                                             const std::string& database);

// Its rows under the prefix. Borrows the repository. Proves them as it ends.
Result<files::RowSource> inventory_rows(repo::Repository& repository, const repo::Archive& archive,
                                        const std::string& prefix);

// All keys that the rows of an archive name; nullopt: it has none of them. One that is outside of
// the prefix of an inventory is missing there: that file is not protected.
Result<std::optional<KeySource>> reference_keys(repo::Repository& repository,
                                                const repo::Archive& archive);

Bytes encode_file(const files::FileVersion& file);
// Fails with corrupt.
Result<files::FileVersion> decode_file(ByteView row);  // without its line end

}  // namespace tidemark::ops
