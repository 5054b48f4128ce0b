// What the policies are filled in with: names of this installation, taken from its configuration.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"

namespace tidemark::iam {

struct Bucket {
  std::string name;
  std::string prefix;  // of the keys, or empty
};

struct Instance {
  std::string id;
  std::string region;
};

struct Facts {
  std::string account;
  std::string owner;
  std::vector<Instance> instances;   // one at least
  std::vector<std::string> regions;  // of the instances, each once
  std::vector<std::string> beside;   // names of further instances that restores make
  Bucket repository;
  std::string repository_region;
  std::string repository_key;      // ARN of the KMS key that the bucket encrypts with, or empty
  std::vector<Bucket> files;       // of the application, one at least
  bool takes_inventories = false;  // some source has a bucket
  std::vector<Bucket> reports;     // of S3 Inventory, that inventories are made of
  std::vector<std::string> instance_keys;  // ARNs of the KMS keys of encrypted instances
  std::string break_glass;                 // ARN of the role that may change the buckets themselves
  bool legacy = false;                     // a policy thins snapshots of the earlier script too

  // "aws", or that of China or of the US government.
  std::string partition() const;
};

// What the configuration cannot know, from the command line; empty: not said.
struct Given {
  std::string region;  // of sources that name none
  std::string account;
  std::string files_bucket;  // "name" or "name/prefix"
  std::string break_glass;
  std::string beside;  // names with commas between them
};

// Whatever is not known becomes a placeholder. Fails with invalid_input when the account is no
// account.
Result<Facts> facts_of(const config::Config& config, const Given& given);

// A text that stands for what is not known. It makes a policy useless, never wider.
struct Placeholder {
  std::string_view text;
  std::string_view meaning;
  std::string_view remedy;
};

// Those that stand in the text.
std::vector<Placeholder> placeholders_in(std::string_view text);

}  // namespace tidemark::iam
