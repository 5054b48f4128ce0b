// Restores as text for people.
#pragma once

#include <span>
#include <string>

#include "core/restore_plan.h"
#include "report/style.h"

namespace tidemark::report {

std::string restore_plan_text(const core::RestorePlan& plan, const Style& style);

// "orders-prod -> orders-prod-replaced-20261124", for `restore status`.
struct RestoreStanding {
  std::string source;
  std::string identifier;
  std::string text;  // one sentence
  std::string next;  // the command, or empty
};
std::string restore_status_text(std::span<const RestoreStanding> standings, const Style& style);

}  // namespace tidemark::report
