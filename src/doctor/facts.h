// What `doctor` looked at, as values: the judgement in diagnose.h needs nothing else.
//
// A Result that is an error says that a thing could not be looked at; what was not asked for at all
// is absent.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "core/bucket_settings.h"

namespace tidemark::doctor {

// What a simulation said of one action on one resource.
enum class Decision : std::uint8_t { allowed, not_allowed, forbidden };

struct Verdict {
  std::string action;
  std::string resource;
  Decision decision = Decision::not_allowed;
  bool by_address = false;  // allowed only to a request from a private address
};

struct Principal {
  std::string arn;
  bool own = false;  // the credentials that doctor runs with; else the application's
  Result<std::vector<Verdict>> verdicts;
};

struct Credentials {
  std::string provider;  // "environment", "profile x", ...
  std::string arn;
  std::string account;
  std::string account_wanted;             // by the configuration; empty: not said
  bool session = false;                   // with a session token, so they end one day
  std::optional<TimePoint> expires = {};  // when, if that is known
};

struct Instance {
  std::string id;
  std::string region;
  std::optional<int> backup_days;
  bool deletion_protection = false;
  bool publicly_accessible = false;
  bool encrypted = false;
  std::string engine_version;
  std::string certificate;  // of the authority: "rds-ca-rsa2048-g1"
  std::optional<TimePoint> certificate_until;
  Result<std::string> force_ssl;  // "1", "0", or empty: the engine's default
};

struct Snapshot {
  std::string id;
  bool ours = false;
  bool encrypted = false;
  Result<std::vector<std::string>> shared_with;  // accounts, or "all"
};

struct Snapshots {
  std::string region;
  int quota = 0;
  std::vector<Snapshot> all;         // manual ones
  std::size_t not_looked_at = 0;     // whose sharing was not asked for: too many
  int most_wanted = 0;               // that the policies of the region will want at once
  std::optional<TimePoint> full_on;  // when the quota will be met, if it will
};

enum class Purpose : std::uint8_t { repository, files };

struct Bucket {
  Purpose purpose = Purpose::files;
  core::BucketSettings settings;
};

struct Repository {
  std::string url;
  Result<std::optional<TimePoint>> verified;  // when all of it was read last, on this machine
};

struct File {
  std::string path;
  std::string holds;   // "the repository's key"
  unsigned mode = 0;   // permission bits
  bool secret = true;  // else: only nobody else may write it
};

struct Library {
  std::string name;     // "libpq", "OpenSSL"
  std::string version;  // "15.6"
};

struct Host {
  std::optional<Millis> clock_skew;  // AWS minus ours
  std::vector<File> files;
  std::vector<Library> libraries;
};

struct Facts {
  Result<Credentials> credentials;
  std::vector<Principal> principals;
  std::vector<Result<Instance>> instances;
  std::vector<Result<Snapshots>> snapshots;  // of each region
  std::vector<Bucket> buckets;
  std::optional<Repository> repository;
  Host host;
};

}  // namespace tidemark::doctor
