// An inventory of files, as the commands tell of it.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "ops/file_inventory.h"

namespace tidemark::cli {

nlohmann::json inventory_json(const ops::InventoryOutcome& outcome);
std::string inventory_text(const std::string& source, const ops::InventoryOutcome& outcome);

}  // namespace tidemark::cli
