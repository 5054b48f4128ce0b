// Every command, defined in the file of its name.
#pragma once

#include "cli/command.h"

namespace tidemark::cli {

extern const Command kBackupCommand;
extern const Command kCompletionCommand;
extern const Command kConfigCheckCommand;
extern const Command kConfigInitCommand;
extern const Command kConfigShowCommand;
extern const Command kHealthCommand;
extern const Command kHoldCommand;
extern const Command kListCommand;
extern const Command kManCommand;
extern const Command kPlanCommand;
extern const Command kPruneCommand;
extern const Command kReleaseCommand;
extern const Command kRestoreCommand;
extern const Command kRestoreRetireCommand;
extern const Command kRestoreRollbackCommand;
extern const Command kRestoreStatusCommand;
extern const Command kRetentionSimulateCommand;
extern const Command kRunCommand;
extern const Command kSchedulePreviewCommand;
extern const Command kShowCommand;
extern const Command kStatusCommand;
extern const Command kVersionCommand;
extern const Command kWhoamiCommand;

}  // namespace tidemark::cli
