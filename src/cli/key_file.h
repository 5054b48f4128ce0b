// Key files: made once, never written over.
#pragma once

#include "cli/repository_access.h"

namespace tidemark::cli {

// What the configuration opens, or shall open, the repository with. An existing key file is used,
// so that a repeated command is harmless; one that is missing is made. Passwords are only read.
Result<repo::KeySecret> make_or_read_key(const Context& context, const config::Repository& config,
                                         crypto::RandomSource& random, bool& made);

}  // namespace tidemark::cli
