// What S3 keeps of one version of an object besides its bytes.
#pragma once

#include <cstdint>
#include <string>

#include "base/time.h"
#include "net/http.h"

namespace tidemark::aws {

enum class Versioning {
  off,  // never was on
  enabled,
  suspended,  // what is stored now replaces what was stored last
};

// Whether the bytes of an object in an archive class can be read.
enum class Thawing {
  none,  // it was not asked for, or the object needs none
  under_way,
  done,  // a copy can be read, for some days
};

struct VersionFacts {
  std::string id;
  std::uint64_t size = 0;
  TimePoint modified;
  std::string etag;           // with its quotes
  std::string storage_class;  // empty: STANDARD
  std::string checksum;       // SHA-256 in Base64 of all its bytes; empty when S3 has none
  Thawing thawing = Thawing::none;
  bool in_archive_tier = false;  // of the class INTELLIGENT_TIERING
  std::uint32_t part_count = 0;  // 0: unless a part was asked for
  // What a copy needs to be given to be alike: its type, its metadata, how it is encrypted.
  net::Headers kept;

  // Its ETag says nothing about its bytes.
  bool encrypted_by_key() const;
};

// What a copy in S3 became.
struct CopiedVersion {
  std::string id;
  std::string etag;
};

}  // namespace tidemark::aws
