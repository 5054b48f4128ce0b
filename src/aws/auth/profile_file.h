// The files of named profiles that all AWS tools share: ~/.aws/config and ~/.aws/credentials.
//
// The grammar is botocore's: an INI file whose lines beginning with '#' or ';' are comments, whose
// keys end at the first '=' or ':', and where an indented line belongs to the line above it. What
// is indented under a key without a value is a section within the section ("s3 ="); it is skipped.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "aws/auth/environment.h"
#include "base/result.h"

namespace tidemark::aws {

using Profile = std::map<std::string, std::string>;  // keys in lower case
using Profiles = std::map<std::string, Profile>;

enum class ProfileFileKind {
  config,      // [default] and [profile NAME]; other sections are not profiles and are left out
  credentials  // every section is a profile
};

inline constexpr std::size_t kProfileFileBytesMax = 1 << 20;

// Fails with invalid_input and the number of the line, never its text: it may hold a key.
Result<Profiles> parse_profiles(std::string_view text, ProfileFileKind kind);

// Both files, read.
struct ProfileFiles {
  std::string config_path;
  std::string credentials_path;
  Profiles config;
  Profiles credentials;

  // Whether either file knows the profile.
  bool knows(const std::string& name) const;

  // The profile with its keys from both files; those of the credentials file win. Empty when
  // neither knows it.
  Profile merged(const std::string& name) const;
};

// Reads what AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE name, else the files in $HOME/.aws. A
// file that is not there is empty; one that cannot be read or understood is an error.
Result<ProfileFiles> read_profile_files(const Environment& environment);

// The profile to use: the operator's own choice, else AWS_PROFILE, AWS_DEFAULT_PROFILE, "default".
std::string selected_profile(const Environment& environment, std::string_view chosen);

// The first of AWS_REGION_NAME (the variable of the original script), AWS_REGION,
// AWS_DEFAULT_REGION and the selected profile's region. Fails with invalid_input when there is none
// or it cannot be a region.
Result<std::string> resolve_region(const Environment& environment, std::string_view chosen_profile);

}  // namespace tidemark::aws
