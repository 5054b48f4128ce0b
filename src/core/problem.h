// Something that an operator should know: how bad it is, what it means, what to do.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace tidemark::core {

enum class Severity {
  note,      // worth knowing
  warning,   // will hurt later
  critical,  // what was asked for is not so: not protected, not restored
};

std::string_view severity_name(Severity severity);

struct Problem {
  Severity severity;
  std::string message;                   // what is wrong and what it means
  std::string hint;                      // the next command or act, or empty
  ErrorKind kind = ErrorKind::conflict;  // of a critical one: what an attempt would fail with
};

}  // namespace tidemark::core
