// Inventories: what files a bucket held at a moment, as an archive of the repository.
//
// docs/repository-format.md, "Inventories", is normative. An inventory is one stream of rows, a
// file each, by key, so that the inventory of another day is stored as a difference to it.
#pragma once

#include <memory>

#include "base/clock.h"
#include "files/bucket.h"
#include "files/walk.h"
#include "ops/archive_reader.h"
#include "ops/file_references.h"
#include "repo/writer.h"

namespace tidemark::ops {

inline constexpr std::string_view kFilesStream = "files";
inline constexpr std::string_view kBucketFact = "bucket";
inline constexpr std::string_view kPrefixFact = "prefix";
inline constexpr std::string_view kPointFact = "point";  // the archive of the database with it
inline constexpr std::string_view kSkewFact = "skew_seconds";

// "shop/files", what the inventories of a source are archived as.
std::string inventory_name(const std::string& source);

struct InventoryOptions {
  std::string source;  // of the configuration
  std::string prefix;
  std::string owner;  // of the lease
  std::string tool_version;
  // The database's archive that it belongs to.
  std::optional<repo::Archive> point = {};
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
  std::optional<Seconds> skew;  // to the moment of the point
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;                   // of all files
  std::optional<ReferenceCount> references;  // absent: the point has none
  repo::WriterTally tally;
};

// Where versioning is on, the inventory is of the very moment of the point, or of the beginning of
// the listing when there is none: what was stored meanwhile is left out. Where it is not, it is of
// what is there, and its moment that of the listing.
Result<InventoryOutcome> take_inventory(files::Bucket& bucket, repo::Repository& repository,
                                        const InventoryOptions& options, const StopSignal& stop);

// The newest inventory of the source, or by the first digits of its name, or of the name of the
// archive of a database that it belongs to. Fails with not_found.
Result<repo::Archive> find_inventory(repo::Repository& repository, const std::string& source,
                                     const std::optional<std::string>& digits);

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
