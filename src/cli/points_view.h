// Points together with what the policy says of them: what `list` and `show` print.
#pragma once

#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "cli/session.h"

namespace tidemark::cli {

struct PointView {
  core::RecoveryPoint point;
  core::Verdict verdict;
  aws::rds::Snapshot snapshot;
};

class PointViews {
 public:
  static Result<PointViews> read(Session& session, const Context& context,
                                 const std::optional<std::string>& source);

  // Source by source, newest first.
  const std::vector<PointView>& all() const { return views_; }

  // The one of that id. Fails with not_found, suggesting the nearest.
  Result<PointView> find(const std::string& id) const;

  // That of the first source that could not be listed, else ok. A missing instance is no reason to
  // fail: its points are still there.
  ExitCode exit_code() const { return exit_code_; }

 private:
  std::vector<PointView> views_;
  ExitCode exit_code_ = ExitCode::ok;
};

nlohmann::json view_json(const PointView& view);
std::string reasons_text(const core::Verdict& verdict);

}  // namespace tidemark::cli
