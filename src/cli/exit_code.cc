#include "cli/exit_code.h"

namespace tidemark::cli {
namespace {

ExitCode exit_code_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid_input: return ExitCode::usage;
    case ErrorKind::not_found: return ExitCode::source_state;
    case ErrorKind::already_exists: return ExitCode::failed;
    case ErrorKind::denied: return ExitCode::denied;
    case ErrorKind::locked: return ExitCode::locked;
    case ErrorKind::conflict: return ExitCode::source_state;
    case ErrorKind::unavailable: return ExitCode::temporary;
    case ErrorKind::timed_out: return ExitCode::temporary;
    case ErrorKind::cancelled: return ExitCode::failed;
    case ErrorKind::corrupt: return ExitCode::damaged;
    case ErrorKind::rejected: return ExitCode::failed;
    case ErrorKind::exhausted: return ExitCode::exhausted;
    case ErrorKind::unsupported: return ExitCode::source_state;
    case ErrorKind::unsafe: return ExitCode::unsafe;
  }
  return ExitCode::bug;
}

}  // namespace

int exit_status(const Error& error, int signal_number) {
  if (error.kind == ErrorKind::cancelled && signal_number != 0) return 128 + signal_number;
  if (error.code == kNoRepository) return static_cast<int>(ExitCode::no_repository);
  if (error.code == kWrongKey) return static_cast<int>(ExitCode::wrong_key);
  return static_cast<int>(exit_code_of(error.kind));
}

}  // namespace tidemark::cli
