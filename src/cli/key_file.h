// Key files: made once, never written over, and taken away when what they were made for failed.
#pragma once

#include "cli/repository_access.h"

namespace tidemark::cli {

// What the configuration opens, or shall open, the repository with. An existing key file is used,
// so that a repeated command is harmless; one that is missing is made. Passwords are only read.
Result<repo::KeySecret> make_or_read_key(const Context& context, const config::Repository& config,
                                         crypto::RandomSource& random, bool& made);

// Whether the command may have done more than its failure tells.
bool outcome_unknown(const Error& error);

// The error of a command that had made this key file. unused: nothing was stored under the key, so
// the file goes, lest somebody takes it for one that opens the repository. Otherwise it stays, and
// the hint says so.
Error failed_with_key_file(const std::string& path, bool unused, Error error);

}  // namespace tidemark::cli
