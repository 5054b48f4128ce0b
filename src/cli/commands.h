// Every command, defined in the file of its name.
#pragma once

#include "cli/command.h"

namespace tidemark::cli {

extern const Command kArchiveCommand;
extern const Command kArchivesCommand;
extern const Command kArchivesForgetCommand;
extern const Command kArchivesPruneCommand;
extern const Command kBackupCommand;
extern const Command kCheckCommand;
extern const Command kCompletionCommand;
extern const Command kConfigCheckCommand;
extern const Command kConfigInitCommand;
extern const Command kConfigShowCommand;
extern const Command kDoctorCommand;
extern const Command kDownloadCommand;
extern const Command kFilesCatCommand;
extern const Command kFilesCheckCommand;
extern const Command kFilesDiffCommand;
extern const Command kFilesGetCommand;
extern const Command kFilesHistoryCommand;
extern const Command kFilesInventoryCommand;
extern const Command kFilesLsCommand;
extern const Command kFilesRestoreCommand;
extern const Command kHealthCommand;
extern const Command kHoldCommand;
extern const Command kIamCommand;
extern const Command kKeyAddCommand;
extern const Command kKeyChangePasswordCommand;
extern const Command kKeyListCommand;
extern const Command kKeyRecoverySheetCommand;
extern const Command kKeyRekeyCommand;
extern const Command kKeyRemoveCommand;
extern const Command kListCommand;
extern const Command kManCommand;
extern const Command kPlanCommand;
extern const Command kPruneCommand;
extern const Command kReleaseCommand;
extern const Command kRepairCommand;
extern const Command kRepoInfoCommand;
extern const Command kRepoInitCommand;
extern const Command kRepoStatsCommand;
extern const Command kRestoreCommand;
extern const Command kRestoreRetireCommand;
extern const Command kRestoreRollbackCommand;
extern const Command kRestoreStatusCommand;
extern const Command kRetentionSimulateCommand;
extern const Command kRunCommand;
extern const Command kSchedulePreviewCommand;
extern const Command kShowCommand;
extern const Command kStatusCommand;
extern const Command kVerifyCommand;
extern const Command kVersionCommand;
extern const Command kWhoamiCommand;

}  // namespace tidemark::cli
