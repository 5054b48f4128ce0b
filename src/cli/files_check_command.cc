// `tidemark files check`: whether the files that rows name are there.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/encoding.h"
#include "cli/archive_policies.h"
#include "cli/commands.h"
#include "cli/files_access.h"
#include "cli/files_report.h"
#include "ops/file_inventory.h"
#include "report/json.h"

namespace tidemark::cli {
namespace {

std::string_view mismatch_name(ops::Mismatch mismatch) {
  return mismatch == ops::Mismatch::missing ? "missing" : "orphaned";
}

Status tell(const Context& context, ops::Mismatch mismatch, const std::string& key) {
  if (!context.global.json)
    return context.print(fmt::format("{:<8}  {}\n", mismatch_name(mismatch), key_text(key)));
  auto document = report::document("files_mismatch");
  document["mismatch"] = mismatch_name(mismatch);
  document["key"] = key;
  document["key_hex"] = to_hex(key);
  return context.print(report::json_line(document));
}

Result<ops::KeySource> keys_of(repo::Repository& repository, const repo::Archive& inventory,
                               const std::string& source) {
  const Error none{
      ErrorKind::invalid_input,
      fmt::format("inventory {} has no rows to compare with", short_archive(inventory.name.hex())),
      fmt::format("add [source.{}.references] with sql, and archive the database again", source)};
  const repo::History history = TRY(repository.history());
  const auto point = ops::point_of_inventory(history, inventory);
  if (!point) return none;
  if (inventory.moment < point->moment)
    return Error{
        ErrorKind::unsafe,
        fmt::format("inventory {} is of {}, the report that it was made of, and the rows of "
                    "{}: what was stored between would be missing",
                    short_archive(inventory.name.hex()), format_time(inventory.moment),
                    format_time(point->moment)),
        "compare later points, or leave inventory_report out and archive again"};
  auto keys = TRY(ops::reference_keys(repository, *point));
  if (!keys) return none;
  return *std::move(keys);
}

Result<ExitCode> run_check(Args& args, Context& context) {
  std::string source;
  std::optional<std::string> point;
  bool only_missing = false;
  args.positional("SOURCE", source, "a source with a bucket and references");
  args.option("--point", "ARCHIVE", point, "of this point instead of the newest");
  args.flag("--missing", only_missing, "do not name orphaned files");
  TRY(args.parse());
  const auto access = TRY(FilesAccess::open(context, source));
  const std::string& prefix = access->config().prefix;
  repo::Repository& repository = TRY(access->repository())->repository();
  const repo::Archive inventory = TRY(ops::find_inventory(repository, source, point));
  auto keys = TRY(keys_of(repository, inventory, source));
  ops::ReferenceCheck check(std::move(keys),
                            [&](ops::Mismatch mismatch, const std::string& key) -> Status {
                              if (only_missing && mismatch == ops::Mismatch::orphaned)
                                return Done{};
                              return tell(context, mismatch, key);
                            });
  const auto rows = TRY(ops::inventory_rows(repository, inventory, prefix));
  for (auto row = TRY(rows()); row; row = TRY(rows())) TRY(check.add_file(row->key));
  TRY(check.finish());
  if (context.global.json) {
    auto document = report::document("files_check");
    document["moment"] = format_time(inventory.moment);
    document["missing"] = check.missing();
    document["orphaned"] = check.orphaned();
    TRY(context.print(report::json_line(document)));
  } else {
    TRY(context.print(
        fmt::format("as of {}: {} files that rows name are missing, {} files are named by no row\n",
                    format_time(inventory.moment), check.missing(), check.orphaned())));
  }
  return check.missing() > 0 ? ExitCode::violated : ExitCode::ok;
}

}  // namespace

const Command kFilesCheckCommand{
    "files check", "say which files that rows name are missing",
    "Compares the rows of a point with its inventory: which files do rows name that were not "
    "there, and which were there that no row names. Needs [source.NAME.references] with a query "
    "for the keys. Both are of the same moment, so nothing that the application did meanwhile "
    "shows. Exit code 14 when files are missing.",
    "tidemark files check shop", run_check};

}  // namespace tidemark::cli
