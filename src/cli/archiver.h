// Archives by schedule: what the daemon and `run --once` make, and what `status` and `plan` know of
// them.
#pragma once

#include <memory>
#include <vector>

#include "cli/repository_access.h"
#include "ops/archive_rounds.h"

namespace tidemark::cli {

// Owns what its rounds need, a session of its own among it: they may have a thread of their own.
class Archiver {
 public:
  static Result<std::unique_ptr<Archiver>> open(const Context& context);

  ops::ArchiveRounds& rounds() { return *rounds_; }

 private:
  explicit Archiver(const Context& context) : context_(context) {}

  Result<repo::Repository*> repository(bool anew);
  Result<repo::ObjectName> archive(const ops::ArchivedDatabase& database,
                                   repo::Repository& repository);
  Result<repo::ObjectName> take_inventory(const std::string& source, repo::Repository& repository,
                                          const std::optional<core::RecoveryPoint>& snapshot);
  Status prune(const std::vector<repo::ObjectName>& forget, repo::Repository& repository);

  const Context& context_;
  std::unique_ptr<Session> session_;
  std::unique_ptr<RepositoryAccess> access_;
  std::unique_ptr<ops::ArchiveRounds> rounds_;
};

// Puts what the repository shows into the plans of sources that are archived by schedule. Asks
// nobody when there are none.
void add_archive_plans(const Context& context, Session& session,
                       std::vector<core::SourcePlan>& plans);

}  // namespace tidemark::cli
