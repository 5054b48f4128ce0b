// What the operations need to know of one source.
#pragma once

#include <string>
#include <vector>

#include "aws/rds/rds_client.h"
#include "core/policy.h"
#include "schedule/schedule.h"

namespace tidemark::ops {

struct Source {
  std::string name;
  std::string instance;  // DB instance identifier
  std::string region;
  std::string policy;  // its name, for the tags
  core::RetentionPolicy retention;
  schedule::Schedule schedule;
  Seconds overdue_after;
  aws::rds::RdsClient* service;  // borrowed; sources of one region share one
};

}  // namespace tidemark::ops
