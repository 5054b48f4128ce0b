// `tidemark files restore`, for whoever restores rows and files together as well.
#pragma once

#include <nlohmann/json_fwd.hpp>

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

struct Planned;

// A restore of files in place as part of a larger one: planned before anything is touched, applied
// when its turn has come.
class FilesPart {
 public:
  // Looks, and changes nothing.
  static Result<std::unique_ptr<FilesPart>> plan(const Context& context,
                                                 const FilesRestoreFlags& flags);
  ~FilesPart();

  std::string where() const;  // "s3://shop-files/live/"
  TimePoint moment() const;   // that they are brought back to
  const files::RestorePlan& plan() const;

  // What cannot be brought back is left and counted.
  Result<files::RestoreOutcome> apply(const Context& context);

 private:
  explicit FilesPart(std::unique_ptr<Planned> planned);

  const std::unique_ptr<Planned> planned_;
};

nlohmann::json files_outcome_json(const files::RestoreOutcome& outcome);
// Whether all of them are as they were.
bool is_all_back(const files::RestoreOutcome& outcome);

}  // namespace tidemark::cli
