#include "base/result.h"

#include <cstdio>
#include <cstdlib>

namespace tidemark {

std::string_view kind_name(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid_input: return "invalid_input";
    case ErrorKind::not_found: return "not_found";
    case ErrorKind::already_exists: return "already_exists";
    case ErrorKind::denied: return "denied";
    case ErrorKind::locked: return "locked";
    case ErrorKind::conflict: return "conflict";
    case ErrorKind::unavailable: return "unavailable";
    case ErrorKind::timed_out: return "timed_out";
    case ErrorKind::cancelled: return "cancelled";
    case ErrorKind::corrupt: return "corrupt";
    case ErrorKind::rejected: return "rejected";
    case ErrorKind::exhausted: return "exhausted";
    case ErrorKind::unsupported: return "unsupported";
    case ErrorKind::unsafe: return "unsafe";
  }
  return "unknown";
}

Error in_context(std::string_view what, Error error) {
  error.message = std::string(what) + ": " + error.message;
  return error;
}

void broken_invariant(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "bug: %s does not hold (%s:%d)\n", expression, file, line);
  std::abort();
}

}  // namespace tidemark
