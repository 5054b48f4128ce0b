// The configuration's word on archives, as operations see it.
#pragma once

#include <string>

#include "config/config.h"
#include "ops/archive_upkeep.h"

namespace tidemark::cli {

ops::ArchivePolicies archive_policies(const config::Config& config);

// As people see and type it: the first digits of an archive's name.
std::string short_archive(const std::string& name);

}  // namespace tidemark::cli
