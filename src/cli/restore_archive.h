// `tidemark restore ARCHIVE --to URL`.
#pragma once

#include <optional>
#include <string>

#include "cli/args.h"
#include "cli/context.h"
#include "cli/exit_code.h"
#include "ops/restore_archive.h"

namespace tidemark::cli {

struct ArchiveTarget {
  std::string archive;  // the beginning of its name, or what it is of
  std::string url;
  ops::RestoreArchiveOptions options;
  bool files = false;  // of the same moment, in their bucket
  bool yes = false;
};

// Options of `restore` that are for archives alone.
struct ArchiveFlags {
  std::optional<std::string> to;
  ops::RestoreArchiveOptions options;
  bool schema_only = false;
  bool data_only = false;
  bool no_owner = false;
  bool no_privileges = false;
  bool files = false;

  void declare(Args& args);
  // What they say, together. Fails with invalid_input when some exclude each other.
  Result<ArchiveTarget> target(const std::string& archive, const std::optional<std::string>& as);
};

Result<ExitCode> restore_archive_to(const Context& context, const ArchiveTarget& target);

}  // namespace tidemark::cli
