// `tidemark files inventory`: what a bucket holds, into the repository.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/files_access.h"
#include "cli/inventory_report.h"
#include "cli/points_view.h"
#include "core/snapshot_name.h"
#include "ops/file_inventory.h"
#include "report/json.h"

namespace tidemark::cli {
namespace {

Result<ops::SnapshotMoment> moment_of(const Context& context, const std::string& source,
                                      const std::string& snapshot) {
  const auto session = TRY(Session::open(context));
  const PointViews views = TRY(PointViews::read(*session, context, source));
  const core::RecoveryPoint point = TRY(views.find(snapshot)).point;
  if (point.created) return ops::snapshot_moment(point);
  return Error{ErrorKind::conflict, fmt::format("snapshot {} is not taken yet", snapshot),
               "look again with `tidemark status`"};
}

Result<ExitCode> run_inventory(Args& args, Context& context) {
  std::string source;
  std::optional<std::string> point;
  args.positional("SOURCE", source, "a source with a bucket");
  args.option("--point", "POINT", point,
              "a snapshot, or an archive of the database, that it shall belong to and as of whose "
              "moment it is taken");
  TRY(args.parse());
  TRY(require_writable(context, "take an inventory"));

  const auto access = TRY(FilesAccess::open(context, source));
  RepositoryAccess& repository = *TRY(access->repository());
  ops::InventoryOptions options{.source = source,
                                .prefix = access->config().prefix,
                                .owner = repository.owner(),
                                .tool_version = TIDEMARK_VERSION};
  if (point && core::parse_snapshot_name(*point))
    options.snapshot = TRY(moment_of(context, source, *point));
  else if (point)
    options.point = TRY(ops::find_archive(repository.repository(), *point));
  const auto report = TRY(access->inventory_report());
  options.report = report.get();
  const ops::InventoryOutcome outcome =
      TRY(ops::take_inventory(access->bucket(), repository.repository(), options, context.stop));
  if (context.global.json) {
    auto document = report::document("files_inventory");
    document["source"] =
        options.snapshot ? ops::point_inventory_name(source) : ops::inventory_name(source);
    document.update(inventory_json(outcome));
    TRY(context.print(report::json_line(document)));
    return ExitCode::ok;
  }
  TRY(context.print(inventory_text(source, outcome)));
  return ExitCode::ok;
}

}  // namespace

const Command kFilesInventoryCommand{
    "files inventory", "store what files the bucket of a source holds",
    "Lists the bucket of a source and stores key, version, size, ETag and time of every file in "
    "the repository, as an archive named SOURCE/files. What is there since the last inventory is "
    "stored as a difference to it. The files themselves stay where they are.\n\n"
    "With --point the inventory is as of the very moment of that snapshot or archive of the "
    "database, so that rows and files come back together; of a snapshot it is named "
    "SOURCE/files/points. The daemon and `backup` take those by themselves.",
    "tidemark files inventory shop", run_inventory};

}  // namespace tidemark::cli
