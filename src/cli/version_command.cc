// `tidemark version`.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "report/json.h"

namespace tidemark::cli {
namespace {

Result<ExitCode> run_version(Args& args, Context& context) {
  TRY(args.parse());
  auto document = report::document("version");
  document["version"] = TIDEMARK_VERSION;
  TRY(context.print(context.global.json ? report::json_line(document)
                                        : fmt::format("tidemark {}\n", TIDEMARK_VERSION)));
  return ExitCode::ok;
}

}  // namespace

const Command kVersionCommand{"version", "print the version", "Prints the version.",
                              "tidemark version", run_version};

}  // namespace tidemark::cli
