// A command, and the list of all.
#pragma once

#include <span>
#include <string_view>

#include "cli/args.h"
#include "cli/context.h"
#include "cli/exit_code.h"

namespace tidemark::cli {

struct Command {
  std::string_view name;         // as typed: "status", "schedule preview"
  std::string_view summary;      // one line
  std::string_view description;  // paragraphs for --help and the manual page
  std::string_view example;
  // Declares its arguments, calls args.parse(), and acts.
  Result<ExitCode> (*run)(Args& args, Context& context);
};

// In the order of the help page.
std::span<const Command* const> all_commands();

// The declarations of a command: its own, then those that every command takes.
struct CommandArguments {
  std::vector<Argument> own;
  std::vector<Argument> global;
};
CommandArguments arguments_of(const Command& command);

}  // namespace tidemark::cli
