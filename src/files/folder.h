// Folder: files of a bucket in a folder on disk, and nothing outside of it.
//
// Every part of a path is opened below the one before it without following links, so that neither a
// key nor what somebody puts into the folder meanwhile leads out. A file has its name only when all
// its bytes are there and proven.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/fd.h"
#include "files/bucket.h"

namespace tidemark::files {

enum class Written {
  now,
  before,  // the very content was there already
};

class Folder {
 public:
  // Made if it is not there. Fails with locked while another restore writes into it, on this
  // machine.
  static Result<Folder> open(const std::string& path);

  // parts: as FolderNames gives them. state: of the version, by which its bytes are proven. Fails
  // with already_exists when something else is there, and with corrupt when the bytes are not those
  // of the version. Thread-safe.
  Result<Written> write(const std::vector<std::string>& parts, const FileVersion& version,
                        const VersionState& state, Bucket& bucket) const;

  // Everything that was written is on the disk.
  Status sync() const;

 private:
  explicit Folder(Fd root) : root_(std::move(root)) {}

  Result<Fd> parent_of(const std::vector<std::string>& parts) const;

  Fd root_;
};

}  // namespace tidemark::files
