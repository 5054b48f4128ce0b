// What AWS shows of a restore: the instances of a region with their marks, and the restore that is
// under way.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "aws/rds/rds_client.h"
#include "core/restore_steps.h"

namespace tidemark::ops {

core::SeenInstance to_seen(const aws::rds::Instance& instance);

struct RestoreWorld {
  std::vector<core::SeenInstance> instances;

  const core::SeenInstance* by_id(const std::string& id) const;
  const core::SeenInstance* by_resource(const std::string& resource_id) const;
  // The one that gave way, or shall, to the restore of that name.
  const core::SeenInstance* replaced_by(const std::string& operation) const;
  // One that gave way to a restore of this identifier that is done, and is kept.
  const core::SeenInstance* kept_for(const std::string& identifier) const;
};

// One reading of all instances of the region.
Result<RestoreWorld> see_world(aws::rds::RdsClient& service);

// A name for a restore that begins now, which no other has: by it one is told from another, however
// quickly they follow each other.
std::string new_operation(const RestoreWorld& world, TimePoint now);

// Whether the instance with this DbiResourceId is of a restore that was not finished, or that
// was taken back: nobody has found its rows to be right.
bool is_unproven(const RestoreWorld& world, const std::string& resource_id);

// The newest restore under this identifier that is not over: not yet done, or being rolled back.
// Its mark is the restored instance's when there is one, else the replaced one's.
std::optional<core::RestoreMark> open_restore(const RestoreWorld& world,
                                              const std::string& identifier);

}  // namespace tidemark::ops
