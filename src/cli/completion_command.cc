// `tidemark completion` and `tidemark man`: what packages install beside the program.
#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/help.h"

namespace tidemark::cli {
namespace {

Result<ExitCode> run_completion(Args& args, Context& context) {
  std::string shell;
  args.positional("SHELL", shell, "bash, zsh or fish");
  TRY(args.parse());
  const std::string script = completion_script(shell);
  if (script.empty())
    return Error{ErrorKind::invalid_input, fmt::format("there is no completion for '{}'", shell),
                 "choose bash, zsh or fish"};
  TRY(context.print(script));
  return ExitCode::ok;
}

Result<ExitCode> run_man(Args& args, Context& context) {
  std::optional<std::string> name;
  args.positional("COMMAND", name, "the command, such as \"schedule preview\"; else the overview");
  TRY(args.parse());
  if (!name) {
    TRY(context.print(overview_man()));
    return ExitCode::ok;
  }
  for (const Command* command : all_commands()) {
    if (command->name != *name) continue;
    TRY(context.print(command_man(*command)));
    return ExitCode::ok;
  }
  return Error{ErrorKind::invalid_input, fmt::format("there is no command '{}'", *name),
               "`tidemark --help` lists them"};
}

}  // namespace

const Command kCompletionCommand{
    "completion", "print the completions for a shell",
    "Prints a script that lets the shell complete commands and options.",
    "tidemark completion bash > /etc/bash_completion.d/tidemark", run_completion};

const Command kManCommand{"man", "print a manual page",
                          "Prints the manual page of a command, or the overview, for man(1).",
                          "tidemark man status | man -l -", run_man};

}  // namespace tidemark::cli
