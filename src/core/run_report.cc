#include "core/run_report.h"

#include <algorithm>

namespace tidemark::core {

std::string_view act_name(Act act) {
  switch (act) {
    case Act::create: return "create";
    case Act::complete: return "complete";
    case Act::condemn: return "condemn";
    case Act::reprieve: return "reprieve";
    case Act::archive: return "archive";
    case Act::remove: break;
  }
  return "delete";
}

bool SourceReport::failed() const {
  return error.has_value() || std::any_of(events.begin(), events.end(), [](const Event& event) {
           return event.error.has_value();
         });
}

bool RunReport::failed() const {
  return std::any_of(sources.begin(), sources.end(),
                     [](const SourceReport& source) { return source.failed(); });
}

}  // namespace tidemark::core
