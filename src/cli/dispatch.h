// From the words of the command line to the exit code.
#pragma once

#include <string>
#include <vector>

#include "cli/context.h"

namespace tidemark::cli {

// words: without the program's name. Prints errors to standard error.
int dispatch(std::vector<std::string> words, Context& context);

}  // namespace tidemark::cli
