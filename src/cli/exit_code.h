// Exit codes: one table, stable, the same numbers as restic's where the two meet.
// docs/manual/exit-codes.md lists them for users.
#pragma once

#include <string_view>

#include "base/result.h"

namespace tidemark::cli {

enum class ExitCode : int {
  ok = 0,
  failed = 1,
  usage = 2,    // arguments or configuration
  partial = 3,  // some sources succeeded, some did not
  no_repository = 10,
  locked = 11,  // somebody else is at it
  wrong_key = 12,
  damaged = 13,
  violated = 14,          // a source is not protected as asked
  denied = 15,            // AWS credentials or permissions
  source_state = 16,      // the source is missing, of another kind or in the wrong state
  temporary = 17,         // throttled or unreachable: the same again may work
  exhausted = 18,         // no space, or a quota is full
  unsafe = 19,            // refused by a guard, or a question that nobody is there to answer
  plan_has_changes = 20,  // only with --detailed-exitcode
  bug = 70,
};

// Codes of our own errors that have an exit code of their own (Error::code).
inline constexpr std::string_view kNoRepository = "NoRepository";
inline constexpr std::string_view kWrongKey = "WrongKey";

// signal_number: the signal that asked us to stop, or 0.
int exit_status(const Error& error, int signal_number);

}  // namespace tidemark::cli
