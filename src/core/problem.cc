#include "core/problem.h"

namespace tidemark::core {

std::string_view severity_name(Severity severity) {
  switch (severity) {
    case Severity::note: return "note";
    case Severity::warning: return "warning";
    case Severity::critical: break;
  }
  return "critical";
}

}  // namespace tidemark::core
