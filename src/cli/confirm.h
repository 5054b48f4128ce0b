// The question before what cannot be done by accident.
#pragma once

#include <string>

#include "cli/context.h"

namespace tidemark::cli {

// Done when --yes was given or the operator typed the word. Fails with unsafe when they typed
// another, nobody is there to ask, or the plan was not shown, as with --json.
Status confirm(const Context& context, bool yes, const std::string& what, const std::string& word);

}  // namespace tidemark::cli
