#include "postgres/dump/definitions.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/memory_file.h"

namespace tidemark::postgres {
namespace {

constexpr Millis kRestoreDeadline{std::chrono::hours(48)};  // indexes of a large database

std::string_view word_of(Section section) {
  switch (section) {
    case Section::pre_data: return "pre-data";
    case Section::data: return "data";
    case Section::none:
    case Section::post_data: break;
  }
  return "post-data";
}

}  // namespace

Result<Bytes> dump_definitions(const ClientPrograms& programs, const ConnectionOptions& options,
                               const Snapshot& snapshot, Clock& clock, const StopSignal& stop,
                               const std::function<Status()>& while_it_runs) {
  const ClientRun run{.program = "pg_dump",
                      .arguments = {"--format=custom", "--compress=0", "--schema-only",
                                    "--snapshot=" + snapshot.id(),
                                    fmt::format("--lock-wait-timeout={}", kLockWait.count())},
                      .output_bytes_max = kDefinitionsBytesMax,
                      .while_it_runs = while_it_runs};
  return run_client(programs, options, run, clock, stop);
}

bool in_one_transaction(const CustomArchive& archive) {
  const auto before_data =
      std::count_if(archive.entries.begin(), archive.entries.end(),
                    [](const ArchiveEntry& entry) { return entry.section == Section::pre_data; });
  return static_cast<std::size_t>(before_data) <= kOneTransactionEntriesMax;
}

Status restore_definitions(const ClientPrograms& programs, const ConnectionOptions& options,
                           const CustomArchive& archive, const RestoreOptions& restore,
                           Clock& clock, const StopSignal& stop) {
  const Fd file = TRY(sealed_file(encode_contents(archive)));
  ClientRun run{
      .program = "pg_restore",
      .arguments = {"--exit-on-error", fmt::format("--section={}", word_of(restore.section))},
      .descriptors = {file.get()},
      .deadline = kRestoreDeadline};
  if (!restore.owners) run.arguments.push_back("--no-owner");
  if (!restore.privileges) run.arguments.push_back("--no-privileges");
  const bool before_data = restore.section == Section::pre_data;
  if (before_data && in_one_transaction(archive)) run.arguments.push_back("--single-transaction");
  if (!before_data && restore.jobs > 1)
    run.arguments.push_back(fmt::format("--jobs={}", restore.jobs));
  run.arguments.push_back("/dev/fd/4");
  TRY(run_client(programs, options, run, clock, stop));
  return Done{};
}

}  // namespace tidemark::postgres
