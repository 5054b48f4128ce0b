// The steps of a restore that reach beyond AWS: the checks by a connection to the database, the
// operator's hook, and the warm-up.
#pragma once

#include "cli/session.h"
#include "cli/step_progress.h"
#include "ops/restore.h"
#include "postgres/conn/options.h"

namespace tidemark::cli {

class RestoreWorkers {
 public:
  struct Choices {
    Seconds patience;         // for the restored instance to be reached under its name
    bool trust_name = false;  // when the instance before cannot be asked
  };

  RestoreWorkers(const Context& context, const config::Source& source,
                 const ops::PreparedRestore& prepared, Choices choices, StepProgress& progress);

  // As the restore calls them. Borrows this.
  ops::RestoreWorkers hooks(std::optional<Secret> password);

  // What the checks found doubtful.
  const std::vector<core::Problem>& doubts() const { return doubts_; }

 private:
  Status check(const core::SeenInstance& target, const core::SeenInstance* replaced);
  Status run_hook(const core::SeenInstance& target);
  Status warm_up(const core::SeenInstance& target);
  Result<postgres::ConnectionOptions> connection_to(const core::SeenInstance& target) const;
  std::string output_path() const;

  const Context& context_;
  const config::Source& source_;
  const core::RestoreGoal goal_;
  const Choices choices_;
  const std::string state_dir_;
  core::Tags point_tags_;  // of the snapshot that is restored
  std::string version_;    // of its PostgreSQL
  StepProgress& progress_;
  std::optional<Secret> password_;  // the new one, when it is set
  std::vector<core::Problem> doubts_;
};

}  // namespace tidemark::cli
