// The links of the credential chain that a profile configures: keys in the shared files, roles to
// assume, web identity, and a credential process.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "aws/auth/credential_link.h"
#include "aws/auth/environment.h"
#include "aws/auth/profile_file.h"
#include "aws/auth/sts.h"
#include "base/clock.h"
#include "net/http.h"

namespace tidemark::aws {

// In botocore's order.
enum class ProfileLink {
  assumed_role,        // role_arn with source_profile or credential_source
  web_identity,        // web_identity_token_file, or AWS_WEB_IDENTITY_TOKEN_FILE
  single_sign_on,      // never answers: refused, with what to do instead
  credentials_file,    // keys in ~/.aws/credentials
  credential_process,  // a program that prints them
  config_file          // keys in ~/.aws/config
};

inline constexpr std::array<ProfileLink, 6> kProfileLinks = {
    ProfileLink::assumed_role,     ProfileLink::web_identity,       ProfileLink::single_sign_on,
    ProfileLink::credentials_file, ProfileLink::credential_process, ProfileLink::config_file};

std::string_view link_name(ProfileLink link);

// Whether web identity may come from the environment: not when the operator chose a profile, and
// not for the source of a role.
enum class WebIdentityFrom { profile, profile_and_environment };

// What the links reach the world by. All are borrowed.
struct LinkWorld {
  const Environment& environment;
  net::HttpTransport& transport;
  Clock& clock;
  const StopSignal& stop;
  Sts& sts;
};

class ProfileCredentials {
 public:
  ProfileCredentials(LinkWorld world, const ProfileFiles& files) : world_(world), files_(files) {}

  Result<LinkAnswer> ask(ProfileLink link, const std::string& profile, WebIdentityFrom from);

 private:
  // The profiles on the way from the one that was asked for to the one at hand, to see a loop.
  using Path = std::vector<std::string>;

  Result<LinkAnswer> assumed_role(const std::string& profile, const Path& path);
  Result<Credentials> role_source(const std::string& profile, const Profile& keys,
                                  const Path& path);
  Result<Credentials> named_source(const std::string& source, const std::string& profile);
  Result<Credentials> source_profile(const std::string& source, const std::string& profile,
                                     const Path& path);
  Result<LinkAnswer> web_identity(const std::string& profile, WebIdentityFrom from);
  Result<LinkAnswer> single_sign_on(const std::string& profile) const;
  Result<LinkAnswer> key_pair(const Profiles& profiles, const std::string& path,
                              const std::string& profile) const;
  Result<LinkAnswer> credential_process(const std::string& profile);

  LinkWorld world_;
  const ProfileFiles& files_;
};

}  // namespace tidemark::aws
