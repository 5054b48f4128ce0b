// What the commands of a restore have in common: from the plan to the report at the end.
#pragma once

#include <functional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "cli/args.h"
#include "cli/session.h"
#include "cli/step_progress.h"
#include "ops/restore.h"

namespace tidemark::cli {

// What the three commands that change something are told alike.
struct RunChoices {
  Seconds deadline{0};  // of each wait; 0: the configured one
  bool yes = false;
  bool dry_run = false;
};

void declare_run(Args& args, RunChoices& choices);

// What is asked before it begins, and what has to be typed.
struct Question {
  std::string what;
  std::string word;
};

using Apply = std::function<ops::RestoreOutcome(ops::PreparedRestore, const ops::StepOptions&,
                                                StepProgress&)>;
using DoneText = std::function<std::string(const ops::RestoreOutcome&, Millis took)>;

// Shows the plan, asks, applies it and reports: text for people, or the document of --json. Fails
// with the plan's first critical problem, or with the error that it ended with; the exit code is
// partial when something could not be brought back. documents: takes that of --json instead of
// standard output.
Result<ExitCode> carry_out(const Context& context, const Session& session,
                           const RunChoices& choices, ops::PreparedRestore prepared,
                           const Question& question, const Apply& apply, const DoneText& done,
                           nlohmann::json* documents = nullptr);

}  // namespace tidemark::cli
