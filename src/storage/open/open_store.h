// From what the operator wrote to the store that he meant.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "aws/s3/bucket.h"
#include "aws/wire/signed_sender.h"
#include "storage/object_store.h"

namespace tidemark::storage {

// What is written beside the address of an S3 store. None of it goes with a folder.
struct S3Options {
  std::string region;        // empty: S3 is asked
  std::string endpoint_url;  // empty: AWS
  std::optional<bool> path_style;

  bool operator==(const S3Options&) const = default;
};

struct LocalLocation {
  std::string path;
};

struct S3Location {
  aws::BucketLocation bucket;
  std::string prefix;  // without slashes at its ends
};

using StoreLocation = std::variant<LocalLocation, S3Location>;

// "/srv/backup", "./backup", "file:///srv/backup", "s3://bucket" or "s3://bucket/prefix". Fails
// with invalid_input. Touches nothing.
Result<StoreLocation> parse_store_location(std::string_view text, const S3Options& options = {});

enum class OpenMode {
  existing,  // a folder that is missing is an error
  create,    // a folder is made; a bucket never
};

// Whoever opens S3 stores has a transport and credentials; all are borrowed.
struct StoreParts {
  std::optional<aws::SenderParts> aws;
};

// One attempt a call: see storage/wrap.
Result<std::unique_ptr<ObjectStore>> open_store(const StoreLocation& location, OpenMode mode,
                                                const StoreParts& parts);

}  // namespace tidemark::storage
