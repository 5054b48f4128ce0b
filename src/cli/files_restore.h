// `tidemark files restore`, for whoever restores rows and files together as well.
#pragma once

#include "cli/exit_code.h"
#include "cli/files_access.h"

namespace tidemark::cli {

struct FilesRestoreFlags {
  std::string source;
  std::optional<std::string> prefix;
  MomentFlags moment;
  int jobs = 0;  // 0: as configured
  bool dry_run = false;
  bool yes = false;
  bool partial = false;  // although some are lost or cold
  bool thaw = false;
  bool wait = false;  // until what was thawed can be read, and then restore
  int thaw_days = 7;
  std::optional<std::string> thaw_tier;
  std::optional<std::string> folder;  // instead of into the bucket
  // The plan that was agreed to: what was stored since is left alone.
  std::optional<files::RestorePlan> agreed;
};

// Plan, question, restore, and a last look.
Result<ExitCode> restore_files(const Context& context, const FilesRestoreFlags& flags);

// The plan and the question alone. Fails when they would end the restore.
Result<files::RestorePlan> agree_to_files_restore(const Context& context,
                                                  const FilesRestoreFlags& flags);

}  // namespace tidemark::cli
