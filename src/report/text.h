// Plans, states and reports as text for people. Renders, decides nothing.
#pragma once

#include <span>
#include <string>

#include "core/run_report.h"
#include "report/style.h"

namespace tidemark::report {

// The verdict in the first line, then each source, worst first.
std::string status_text(std::span<const core::SourcePlan> plans, TimePoint now, const Style& style);

// What a pass would do, and what it would not and why.
std::string plan_text(std::span<const core::SourcePlan> plans, TimePoint now, const Style& style);

// What a pass did.
std::string run_text(const core::RunReport& report, const Style& style);

// "error: ...", with the hint on a line of its own.
std::string error_text(const Error& error, const Style& style);

// "2026-11-22T02:30:00Z (3h 20m ago)" or "(in 2d)".
std::string when_text(TimePoint time, TimePoint now);

}  // namespace tidemark::report
