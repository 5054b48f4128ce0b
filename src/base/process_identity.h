// ProcessIdentity: a name for this very process, and whether the process of such a name still runs.
//
// The name holds the machine (its boot, and the process namespace, so that a container is a machine
// of its own), the process number and when it started: no two processes ever share it.
#pragma once

#include <string>
#include <string_view>

namespace tidemark {

struct ProcessIdentity {
  std::string host;     // for people
  std::string machine;  // 16 hex digits
  int pid = 0;
  unsigned long long started = 0;  // in clock ticks since boot

  // "<host>:<machine>:<pid>:<started>"; letters, digits and ":.-" only.
  std::string text() const;
};

ProcessIdentity this_process();

// Whether it is known that no process of that name runs any more. False when the name is another
// machine's, or unreadable: then nobody here can know.
bool is_known_dead(std::string_view identity, const ProcessIdentity& self);

// Whether it is known that the process of that name runs. False for another machine's, too.
bool is_known_alive(std::string_view identity, const ProcessIdentity& self);

}  // namespace tidemark
