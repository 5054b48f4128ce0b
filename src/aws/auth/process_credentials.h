// Credentials that a program of the operator prints: `credential_process` in a profile.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aws/auth/credential_link.h"
#include "aws/auth/environment.h"
#include "base/clock.h"

namespace tidemark::aws {

inline constexpr Millis kCredentialProcessDeadline{60'000};

// Splits a command as a POSIX shell does, and does nothing else that a shell does: blanks part
// words, quotes and backslashes hold them together. Fails with invalid_input on an open quote.
Result<std::vector<std::string>> split_command(std::string_view command);

// Runs the command, without a shell, and reads what it prints. Errors name the program and show the
// end of its error output, never its arguments or its output.
Result<Credentials> process_credentials(std::string_view command, const std::string& profile,
                                        const Environment& environment, Clock& clock,
                                        const StopSignal& stop);

}  // namespace tidemark::aws
