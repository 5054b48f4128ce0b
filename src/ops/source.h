// What the operations need to know of one source.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "aws/rds/rds_client.h"
#include "core/contents.h"
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
  // Logs in and reads what the server holds, for the record that goes with each point; empty when
  // the configuration has no way to log in.
  std::function<Result<core::ServerContents>(const aws::rds::Instance&)> read_contents = {};
};

}  // namespace tidemark::ops
