// The files of a source's bucket within the restore of its instance: planned with it, and brought
// back to the same moment once the rows are there.
#pragma once

#include "cli/files_restore.h"
#include "ops/file_inventory.h"
#include "ops/restore.h"

namespace tidemark::cli {

class RestoreFiles {
 public:
  // Borrows both.
  RestoreFiles(const Context& context, const config::Source& source)
      : context_(context), source_(source) {}

  // Puts into the plan what becomes of the files, and what stands in the way of it: that ends a
  // restore that has not begun. One that has goes on with the database, and tells in the end.
  void add_to(ops::PreparedRestore& prepared);

  // The step of the restore.
  Status bring_back();

  // What came of it; nothing when this run did not get there.
  const std::optional<files::RestoreOutcome>& outcome() const { return outcome_; }
  // When they were as they were before the restore.
  TimePoint undo_at() const { return undo_at_; }
  // What was left undone, and what to do about it.
  std::vector<core::Problem> problems() const;
  // For people; empty when nothing was done.
  std::string text() const;

 private:
  // Where the moment of the rows is known: which one, and what says what files there were.
  struct Wanted {
    std::string point;  // of the inventory that is used, or empty
    TimePoint moment;
    std::optional<ops::SnapshotMoment> snapshot;  // nullopt: a time of the automated backups

    std::optional<Seconds> skew(TimePoint files) const;
  };

  Result<Wanted> find_moment(const ops::PreparedRestore& prepared, core::RestorePlan& plan) const;
  // Its name; empty when there is none, or nobody can know.
  Result<std::string> find_inventory(const ops::SnapshotMoment& snapshot,
                                     core::RestorePlan& plan) const;
  Status make_plan(const ops::PreparedRestore& prepared, core::RestorePlan& plan);
  void judge_totals(core::RestorePlan& plan) const;
  // The command that does the files alone, to the same moment.
  std::string command() const;

  const Context& context_;
  const config::Source& source_;
  std::string moment_words_;  // "--point ID" or "--at TIME", once it is known
  FilesRestoreFlags flags_ = {};
  std::unique_ptr<FilesPart> part_;
  std::optional<files::RestoreOutcome> outcome_;
  TimePoint undo_at_;
};

}  // namespace tidemark::cli
