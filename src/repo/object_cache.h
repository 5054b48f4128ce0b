// ObjectCache: index objects and manifests on local disk, as they are in the store: sealed, under
// their digests.
//
// Disposable and never trusted: a file that is not what its name says is as good as none.
#pragma once

#include <optional>
#include <string>

#include "repo/ids.h"

namespace tidemark::repo {

class ObjectCache {
 public:
  // The folder belongs to one repository and exists.
  explicit ObjectCache(std::string folder) : folder_(std::move(folder)) {}

  std::optional<Bytes> find(const ObjectName& name, std::size_t bytes_max) const;

  // A cache that cannot be written costs time, nothing else: it is logged.
  void keep(const ObjectName& name, ByteView object) const;

 private:
  std::string path_of(const ObjectName& name) const { return folder_ + "/" + name.hex(); }

  std::string folder_;
};

}  // namespace tidemark::repo
