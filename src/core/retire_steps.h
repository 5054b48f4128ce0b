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
  std::optional<SeenInstance> survivor = {};  // has the identifier that the restore was under
  std::string final_snapshot;                 // its name; empty when none is wanted
  std::string final_status;                   // the service's word; empty when there is none yet
  bool final_tagged = false;
  // Whether the tags of the victim say what is wanted, and the instance that lives on names the
  // final snapshot, too: once the victim is gone, nothing else does.
  bool announced = true;
};

// Why an instance that a restore put aside is not deleted all the same: whoever renamed it may be
// using it. Empty when nothing speaks against it.
std::string why_kept(const SeenInstance& instance);

// Why the victim is needed: what has the identifier is nothing that could take its place. Empty
// when it is the restored instance, or the one that a rollback brought back.
std::string why_needed(const SeenInstance& victim, const std::optional<SeenInstance>& survivor);

// The final snapshot's name; empty for none. A deletion that has begun is followed as it began.
// Else what is wanted now counts: a name that an earlier run gave out is used again, but that one
// wanted none is not taken for granted.
std::string final_snapshot_name(const SeenInstance& victim, bool wanted, const std::string& fresh);

NextStep next_retire_step(const RetireFacts& facts);

}  // namespace tidemark::core
