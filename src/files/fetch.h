// Fetching the files of a bucket, as they were at a moment, into a folder.
#pragma once

#include "files/folder.h"
#include "files/restore.h"

namespace tidemark::files {

struct FetchOutcome {
  std::uint64_t written = 0;
  std::uint64_t written_bytes = 0;
  std::uint64_t there_before = 0;
  std::uint64_t escaped = 0;  // whose name on disk is not their key
  std::uint64_t lost = 0;
  std::uint64_t cold = 0;
  std::vector<FailedFile> failed;
};

// Each file is proven as it is written; run again, it fetches what is missing.
Result<FetchOutcome> fetch_files(Bucket& bucket, const RestoreTarget& target, const Folder& folder,
                                 const RestoreOptions& options, const StopSignal& stop);

}  // namespace tidemark::files
