// An archive as a file that stock pg_restore lists and restores, without this program.
#pragma once

#include <functional>
#include <optional>

#include "base/output_file.h"
#include "base/output_folder.h"
#include "base/stop.h"
#include "ops/archive.h"
#include "ops/archive_reader.h"

namespace tidemark::ops {

enum class DownloadFormat {
  custom,  // pg_dump's custom format
  folder,  // its directory format: see download_folder
  plain,   // SQL, by the pg_restore of the archive's version
  roles,   // the roles alone, as SQL
};

struct DownloadOptions {
  DownloadFormat format = DownloadFormat::custom;
  std::optional<std::string>
      schema;                        // only this one; foreign keys that lead out of it are left out
  std::optional<std::string> table;  // only its definition and rows
  std::function<void(const ArchiveProgress&)> on_progress = {};
};

// Writes the archive to the file and commits it: a draft appears under its name whole, or not at
// all. Chunks are proven as they are read, and each table's rows before the next table; a failure
// names the table and the archive.
Result<ArchiveProgress> download_archive(repo::Repository& repository, const repo::Archive& archive,
                                         OutputFile& file, const DownloadOptions& options,
                                         Clock& clock, const StopSignal& stop);

// The same as a folder of pg_dump's directory format. Of the options, the format is not looked at.
Result<ArchiveProgress> download_folder(repo::Repository& repository, const repo::Archive& archive,
                                        OutputFolder& folder, const DownloadOptions& options,
                                        const StopSignal& stop);

}  // namespace tidemark::ops
