// `tidemark files restore`: the files of a bucket as they were.
#include "cli/commands.h"
#include "cli/files_restore.h"

namespace tidemark::cli {
namespace {

constexpr int kJobsMax = 256;
constexpr int kThawDaysMax = 365;

Result<ExitCode> run_restore(Args& args, Context& context) {
  FilesRestoreFlags flags;
  args.positional("SOURCE", flags.source, "a source with a bucket");
  flags.moment.declare(args);
  args.option("--prefix", "PREFIX", flags.prefix, "only files whose keys begin so");
  args.option("--to", "FOLDER", flags.folder,
              "into this folder on disk; the bucket stays as it is");
  args.flag("--dry-run", flags.dry_run, "print the plan and change nothing");
  args.flag("--yes", flags.yes, "do not ask");
  args.flag("--partial", flags.partial, "restore the others when some are lost or cold");
  args.flag("--thaw", flags.thaw, "ask for the files that are in a cold class, and end");
  args.flag("--wait", flags.wait, "with --thaw: wait until they can be read, then restore");
  args.option("--thaw-days", "N", flags.thaw_days, 1, kThawDaysMax, "how long thawed copies stay");
  args.option("--thaw-tier", "TIER", flags.thaw_tier, "Standard, Bulk or Expedited");
  args.option("--jobs", "N", flags.jobs, 1, kJobsMax, "files at a time, unless as configured");
  TRY(args.parse());
  if (!flags.dry_run) TRY(require_writable(context, "restore files"));
  return restore_files(context, flags);
}

}  // namespace

const Command kFilesRestoreCommand{
    "files restore", "bring the files of a bucket back to a moment",
    "Makes the files of a source's bucket what they were at a time, or at a point: an old version "
    "is copied to the top within S3, and what did not exist then gets a delete marker. No version "
    "is ever destroyed, so the restore can itself be undone by another one. Versioning has to be "
    "on.\n\n"
    "The plan comes first, and names what cannot be restored: versions that were expired, and "
    "those in an archive class, which --thaw asks for; with --wait it then waits, up to three "
    "days, "
    "and restores. Stopped half way, the same command does what is left. At the end it looks again "
    "whether all is as it was.\n\n"
    "Stop the application first. What it stored since the plan is left alone and named; so is what "
    "it stores in the moment between the look at a key and its copy, which ends up right below "
    "it.\n\n"
    "With --to the files go into a folder on disk, never outside of it, each proven by its size "
    "and checksum, and the bucket is only read. With --json each file that is named is a document "
    "of its own, before the last one.",
    "tidemark files restore shop --at 2026-11-24T02:00:00Z", run_restore};

}  // namespace tidemark::cli
