#include <fmt/format.h>

#include "cli/help.h"

namespace tidemark::cli {
namespace {

// Text as troff: a backslash and a leading dot or quote would be commands, a hyphen must stay one.
std::string troff(std::string_view text) {
  std::string result;
  bool line_start = true;
  for (const char c : text) {
    if (line_start && (c == '.' || c == '\'')) result += "\\&";
    if (c == '\\')
      result += "\\e";
    else if (c == '-')
      result += "\\-";
    else
      result += c;
    line_start = c == '\n';
  }
  return result;
}

// An empty line of the text begins a new paragraph.
std::string paragraphs(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::size_t end = text.find("\n\n");
    result += ".PP\n" + troff(text.substr(0, end)) + "\n";
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 2);
  }
  return result;
}

std::string entries(const std::vector<Argument>& arguments) {
  std::string result;
  for (const Argument& argument : arguments) {
    const std::string brief = argument.brief.empty() ? "" : argument.brief + ", ";
    result += fmt::format(".TP\n\\fB{}\\fR", troff(brief + argument.name));
    if (!argument.value.empty()) result += fmt::format(" \\fI{}\\fR", troff(argument.value));
    result += "\n" + troff(argument.help) + "\n";
  }
  return result;
}

std::string title(std::string_view page, std::string_view summary) {
  return fmt::format(".TH {} 1 \"\" \"tidemark {}\" \"Tidemark\"\n.SH NAME\n{} \\- {}\n",
                     troff(page), TIDEMARK_VERSION, troff(page), troff(summary));
}

std::string page_name(const Command& command) {
  std::string name = fmt::format("tidemark-{}", command.name);
  for (char& c : name)
    if (c == ' ') c = '-';
  return name;
}

}  // namespace

std::string overview_man() {
  std::string text = title("tidemark", "long-term backups of Amazon RDS for PostgreSQL");
  text += ".SH SYNOPSIS\n\\fBtidemark\\fR \\fICOMMAND\\fR [options]\n.SH COMMANDS\n";
  for (const Command* command : all_commands())
    text += fmt::format(".TP\n\\fB{}\\fR\n{}; see \\fB{}\\fR(1)\n", troff(command->name),
                        troff(command->summary), troff(page_name(*command)));
  return text;
}

std::string command_man(const Command& command) {
  const CommandArguments arguments = arguments_of(command);
  std::string text = title(page_name(command), command.summary);
  text += fmt::format(".SH SYNOPSIS\n\\fBtidemark {}\\fR", troff(command.name));
  for (const Argument& argument : arguments.own)
    if (argument.positional())
      text += argument.required ? fmt::format(" \\fI{}\\fR", troff(argument.name))
                                : fmt::format(" [\\fI{}\\fR]", troff(argument.name));
  text += " [options]\n.SH DESCRIPTION\n" + paragraphs(command.description);
  if (!arguments.own.empty()) text += ".SH OPTIONS\n" + entries(arguments.own);
  text += ".SH OPTIONS OF EVERY COMMAND\n" + entries(arguments.global);
  text += ".SH EXAMPLE\n.nf\n" + troff(command.example) + "\n.fi\n";
  return text + ".SH SEE ALSO\n\\fBtidemark\\fR(1)\n";
}

}  // namespace tidemark::cli
