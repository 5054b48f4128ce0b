// How a bucket is set up, in S3's words: what decides whether its history can be destroyed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace tidemark::core {

struct BucketVersioning {
  bool enabled = false;    // false: never switched on, or suspended
  bool suspended = false;  // what is written now has no history
  bool mfa_delete = false;
};

struct LifecycleRule {
  std::string id;
  bool enabled = false;
  std::string prefix;                  // empty: all objects, or chosen by tags and sizes
  std::optional<int> expiration_days;  // of the newest version; 0: at a date
  std::optional<int> noncurrent_days;  // of earlier versions
};

struct PublicAccessBlock {
  bool acls = false;
  bool ignores_acls = false;
  bool policy = false;
  bool restricts = false;
};

struct Grant {
  std::string grantee;  // a URI of a group, or a canonical id
  std::string permission;
  bool to_owner = false;
};

// What could not be read carries its error: not known is not the same as absent.
struct BucketSettings {
  std::string name;
  Result<BucketVersioning> versioning;
  Result<bool> object_lock;  // switched on
  Result<std::vector<LifecycleRule>> lifecycle;
  Result<std::optional<PublicAccessBlock>> public_access;
  Result<std::string> policy;  // JSON; empty: none
  Result<std::vector<Grant>> grants;
  Result<bool> replicated;  // an enabled rule is there
};

}  // namespace tidemark::core
