// The actions that end or open history, and what each means in the wrong hands.
#pragma once

#include <span>
#include <string_view>

#include "doctor/finding.h"

namespace tidemark::doctor {

struct Danger {
  std::string_view action;
  bool of_objects = false;  // asked of an object, not of the bucket
  Severity severity = Severity::critical;
  std::string_view means;
};

// Of a bucket.
std::span<const Danger> bucket_dangers();

// Of snapshots and instances, for the credentials that take snapshots.
std::span<const Danger> snapshot_dangers();

}  // namespace tidemark::doctor
