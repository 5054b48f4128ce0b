// What becomes of a restore that an earlier run left open when the source is restored again: a
// choice that differs from the open one's is never passed over in silence. Pure.
#pragma once

#include <optional>
#include <string>

#include "core/restore_mark.h"

namespace tidemark::core {

// What this run names by itself; nothing where it leaves the choice to us.
struct AskedAnew {
  std::optional<std::string> origin;  // looked up, whatever words named it
  bool newest = false;                // by words such as "the latest"
  std::optional<SettingsChoice> settings;
};

struct OpenRestore {
  RestoreMark mark;
  bool renamed = false;      // something has stepped aside, or was made: no way back but a rollback
  bool origin_lost = false;  // its point can be restored no more
};

enum class Resumption {
  go_on,
  begin_anew,
  refuse,
};

Resumption resumption(const OpenRestore& open, const AskedAnew& asked);

// What the first run was told holds as long as this one says nothing else.
RestoreOptions merged_options(const RestoreOptions& remembered, RestoreOptions given);

// What no tag could keep, by the name of its option: "--master-password-file FILE", say. Empty when
// nothing has to be given again.
std::string lost_option(const RestoreMark& open, const RestoreOptions& given);

}  // namespace tidemark::core
