// `tidemark restore ARCHIVE --to URL`.
#pragma once

#include <string>
#include <vector>

#include "cli/context.h"
#include "cli/exit_code.h"

namespace tidemark::cli {

struct ArchiveTarget {
  std::string archive;  // the beginning of its name, or what it is of
  std::string url;
  std::vector<std::string> tables;
  int jobs = 2;
  bool owners = true;
  bool privileges = true;
};

Result<ExitCode> restore_archive_to(const Context& context, const ArchiveTarget& target);

}  // namespace tidemark::cli
