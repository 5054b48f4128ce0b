// The configured repository, opened.
#pragma once

#include <memory>

#include "cli/session.h"
#include "crypto/random.h"
#include "repo/lock/reader_lease.h"
#include "repo/repository.h"
#include "repo/row_coder.h"
#include "storage/object_store.h"

namespace tidemark::cli {

// A store with retries and a log, and what a repository in it needs. Owns all of it; borrows the
// session and the context.
class RepositoryAccess {
 public:
  // Opens the store. create: a folder that is missing is made, for init.
  static Result<std::unique_ptr<RepositoryAccess>> open_store(const Context& context,
                                                              Session& session, bool create);

  // Opens the store, then the repository with the configured key, and sees that it was not rolled
  // back to an older state since it was last opened on this machine.
  static Result<std::unique_ptr<RepositoryAccess>> open(const Context& context, Session& session);

  repo::Repository& repository() { return *repository_; }
  repo::Surroundings surroundings() { return {*store_, random_, context_.clock, coder_}; }
  storage::ObjectStore& store() { return *store_; }
  crypto::RandomSource& random() { return random_; }
  const config::Repository& config() const { return config_; }

  // To be held, and kept, by whoever reads archives at length.
  repo::ReaderLease reading() { return {repository_->access(), owner()}; }

  // Who holds a lease, for people.
  std::string owner() const;

 private:
  RepositoryAccess(const Context& context, const config::Repository& config,
                   const std::string& state_dir)
      : context_(context), config_(config), state_dir_(state_dir) {}

  Status unlock();
  Status check_not_rolled_back();

  const Context& context_;
  const config::Repository config_;
  const std::string state_dir_;
  crypto::SystemRandom random_;
  repo::RowCoder coder_;
  std::unique_ptr<storage::ObjectStore> store_;
  std::unique_ptr<repo::ObjectCache> cache_;
  std::unique_ptr<repo::Repository> repository_;
};

// Where S3 is asked: as given, else as [aws] or the variables say; empty: that of AWS.
std::string s3_endpoint(const std::string& given, const config::Config& config,
                        const config::Environment& environment);

// What the configuration opens the repository with.
Result<repo::KeySecret> repository_secret(const Context& context, const config::Repository& config);

// Fails with invalid_input when the configuration has no [repository].
Result<config::Repository> require_repository(const Session& session);

}  // namespace tidemark::cli
