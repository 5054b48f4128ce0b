// The steps of a retirement: what a restore put aside is deleted, with a final snapshot. As those
// of a restore, they are decided from what the service shows. Pure.
#pragma once

#include <optional>
#include <string>

#include "core/next_step.h"
#include "core/seen_instance.h"

namespace tidemark::core {

struct RetireFacts {
  std::optional<SeenInstance> victim;  // a replaced or discarded instance; gone once it is deleted
  std::string final_snapshot;          // its name; empty when none is wanted
  std::string final_status;            // the service's word; empty when there is none yet
  bool final_tagged = false;
  // Whether the instance that lives on names the final snapshot, too: once the victim is gone,
  // nothing else does.
  bool announced = true;
};

// Why an instance that a restore put aside is not deleted all the same: whoever renamed it may be
// using it. Empty when nothing speaks against it.
std::string why_kept(const SeenInstance& instance);

NextStep next_retire_step(const RetireFacts& facts);

}  // namespace tidemark::core
