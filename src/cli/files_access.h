// The bucket of a source, opened, and its files at a moment.
#pragma once

#include <memory>

#include "cli/repository_access.h"
#include "files/inventory_report.h"
#include "files/restore.h"
#include "files/s3_bucket.h"

namespace tidemark::cli {

// When: now, unless one of the two is given.
struct MomentFlags {
  std::optional<std::string> at;
  std::optional<std::string> point;

  void declare(Args& args);
};

// A moment that can be looked at again and again.
struct ChosenMoment {
  std::string shown;  // "as of 2026-11-24T02:00:00Z, inventory 0123456789ab"
  std::optional<TimePoint> time;
  files::MomentMaker make;
};

Result<std::unique_ptr<files::Bucket>> open_files_bucket(const Context& context, Session& session,
                                                         const config::Source& source);

// The newest report of S3 Inventory where one is configured; else nullptr, and the bucket is
// listed.
Result<std::unique_ptr<files::InventoryReport>> open_inventory_report(const Context& context,
                                                                      Session& session,
                                                                      const config::Source& source);

// The query for what rows of that database name; empty when none was configured.
std::string references_of(const config::Source& source, const std::string& database);

class FilesAccess {
 public:
  // Fails with invalid_input when there is no such source, or it has no bucket.
  static Result<std::unique_ptr<FilesAccess>> open(const Context& context,
                                                   const std::string& source);

  const std::string& source() const { return source_.name; }
  const config::Files& config() const { return *source_.files; }
  const config::Source& source_config() const { return source_; }
  files::Bucket& bucket() { return *bucket_; }
  bool has_repository() const { return session_->config().repository.has_value(); }
  // Opened when it is first asked for: what goes by time alone needs none.
  Result<RepositoryAccess*> repository();

  // As open_inventory_report() does.
  Result<std::unique_ptr<files::InventoryReport>> inventory_report() const {
    return open_inventory_report(context_, *session_, source_);
  }

  // The configured prefix, or one that is within it.
  Result<std::string> prefix(const std::optional<std::string>& given) const;

  Result<ChosenMoment> moment(const MomentFlags& flags, const std::string& prefix);

 private:
  FilesAccess(const Context& context, std::unique_ptr<Session> session, config::Source source)
      : context_(context), session_(std::move(session)), source_(std::move(source)) {}

  const Context& context_;
  const std::unique_ptr<Session> session_;
  const config::Source source_;
  std::unique_ptr<files::Bucket> bucket_;
  std::unique_ptr<RepositoryAccess> repository_;
};

}  // namespace tidemark::cli
