#include "daemon/daily.h"

namespace tidemark::daemon {

void repeat_daily(const std::function<void()>& look, Clock& clock) {
  for (Seconds pause = kFirstLookAfter; clock.sleep(pause); pause = kLookEvery) look();
}

}  // namespace tidemark::daemon
