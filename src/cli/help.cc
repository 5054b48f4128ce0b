#include "cli/help.h"

#include <algorithm>

#include <fmt/format.h>

namespace tidemark::cli {
namespace {

std::string usage_word(const Argument& argument) {
  if (!argument.positional()) return "";
  const std::string word = argument.repeated ? argument.name + "..." : argument.name;
  return argument.required ? " " + word : " [" + word + "]";
}

std::string usage_line(const Command& command, const CommandArguments& arguments) {
  std::string line = fmt::format("tidemark {}", command.name);
  for (const Argument& argument : arguments.own) line += usage_word(argument);
  return line + " [options]";
}

std::string left_of(const Argument& argument) {
  const std::string names =
      argument.brief.empty() ? argument.name : argument.brief + ", " + argument.name;
  return argument.value.empty() ? names : names + " " + argument.value;
}

std::string listing(const std::vector<Argument>& arguments, std::size_t width) {
  std::string text;
  for (const Argument& argument : arguments)
    text += fmt::format("  {:<{}}  {}\n", left_of(argument), width, argument.help);
  return text;
}

std::size_t widest(const CommandArguments& arguments) {
  std::size_t width = 0;
  for (const auto* list : {&arguments.own, &arguments.global})
    for (const Argument& argument : *list) width = std::max(width, left_of(argument).size());
  return width;
}

}  // namespace

std::string overview_help() {
  std::size_t width = 0;
  for (const Command* command : all_commands()) width = std::max(width, command->name.size());
  std::string text =
      "Tidemark keeps Amazon RDS for PostgreSQL restorable for years.\n\n"
      "usage: tidemark COMMAND [options]\n\ncommands:\n";
  for (const Command* command : all_commands())
    text += fmt::format("  {:<{}}  {}\n", command->name, width, command->summary);
  return text +
         "\n`tidemark COMMAND --help` says more. To begin: tidemark config init > tidemark.toml\n";
}

std::string command_help(const Command& command) {
  const CommandArguments arguments = arguments_of(command);
  const std::size_t width = widest(arguments);
  std::string text =
      fmt::format("usage: {}\n\n{}\n", usage_line(command, arguments), command.description);
  if (!arguments.own.empty()) text += "\n" + listing(arguments.own, width);
  text += "\neverywhere:\n" + listing(arguments.global, width);
  text += fmt::format("  {:<{}}  {}\n", "--help", width, "print this");
  return text + fmt::format("\nexample:\n  {}\n", command.example);
}

}  // namespace tidemark::cli
