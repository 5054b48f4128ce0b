#include "cli/commands.h"

namespace tidemark::cli {
namespace {

constexpr const Command* kAll[] = {
    &kRunCommand,
    &kBackupCommand,
    &kStatusCommand,
    &kListCommand,
    &kShowCommand,
    &kPlanCommand,
    &kPruneCommand,
    &kHoldCommand,
    &kReleaseCommand,
    &kRestoreStatusCommand,
    &kRestoreRollbackCommand,
    &kRestoreRetireCommand,
    &kRestoreCommand,
    &kArchiveCommand,
    &kArchivesPruneCommand,
    &kArchivesForgetCommand,
    &kArchivesCommand,
    &kDownloadCommand,
    &kFilesInventoryCommand,
    &kFilesLsCommand,
    &kFilesRestoreCommand,
    &kFilesDiffCommand,
    &kFilesHistoryCommand,
    &kFilesCatCommand,
    &kFilesGetCommand,
    &kFilesCheckCommand,
    &kCheckCommand,
    &kVerifyCommand,
    &kRepairCommand,
    &kRepoInitCommand,
    &kRepoInfoCommand,
    &kRepoStatsCommand,
    &kKeyListCommand,
    &kKeyAddCommand,
    &kKeyRecoverySheetCommand,
    &kKeyRemoveCommand,
    &kKeyChangePasswordCommand,
    &kKeyRekeyCommand,
    &kSchedulePreviewCommand,
    &kRetentionSimulateCommand,
    &kConfigInitCommand,
    &kConfigCheckCommand,
    &kConfigShowCommand,
    &kWhoamiCommand,
    &kIamCommand,
    &kDoctorCommand,
    &kHealthCommand,
    &kCompletionCommand,
    &kManCommand,
    &kVersionCommand,
};

}  // namespace

std::span<const Command* const> all_commands() { return kAll; }

}  // namespace tidemark::cli
