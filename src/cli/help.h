// Help, manual pages and shell completions, all made from the commands' own declarations.
#pragma once

#include <string>

#include "cli/command.h"

namespace tidemark::cli {

std::string overview_help();
std::string command_help(const Command& command);

// troff for man(7): the page tidemark(1), or that of one command, e.g. tidemark-status(1).
std::string overview_man();
std::string command_man(const Command& command);

// shell: "bash", "zsh" or "fish"; empty for another.
std::string completion_script(std::string_view shell);

}  // namespace tidemark::cli
