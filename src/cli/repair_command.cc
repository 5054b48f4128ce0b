// `tidemark repair`: makes the index again from the packs, and says what is lost.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/check_report.h"
#include "cli/commands.h"
#include "cli/repository_access.h"
#include "repo/upkeep/repair.h"
#include "report/json.h"

namespace tidemark::cli {
namespace {

Result<ExitCode> run_repair(Args& args, Context& context) {
  TRY(args.parse());
  TRY(require_writable(context, "repair a repository"));
  const auto session = TRY(Session::open(context));
  const auto access = TRY(RepositoryAccess::open(context, *session));
  const repo::RepairReport report = TRY(repo::repair(access->repository()));
  auto document = report::document("repair");
  document["packs_indexed"] = report.packs_indexed;
  add_check_json(report.after, document);
  TRY(context.print(context.global.json
                        ? report::json_line(document)
                        : fmt::format("indexed {} packs that no index named\n{}",
                                      report.packs_indexed,
                                      check_text(report.after, context.output_style()))));
  return report.after.sound() ? ExitCode::ok : ExitCode::damaged;
}

}  // namespace

const Command kRepairCommand{
    "repair", "make the index of the repository again, and say what is lost",
    "Reads the packs that no index names and indexes them; then checks. Deletes nothing. What is "
    "still wrong afterwards is lost: archives and tables are named, and every other one can be "
    "restored. The next archive stores again what its database still has of packs that are missing "
    "or damaged; one whose bytes changed at the same size only `verify` finds.",
    "tidemark repair", run_repair};

}  // namespace tidemark::cli
