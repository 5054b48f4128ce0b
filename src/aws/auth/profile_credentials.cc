#include "aws/auth/profile_credentials.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "aws/auth/container_credentials.h"
#include "aws/auth/environment_credentials.h"
#include "aws/auth/instance_credentials.h"
#include "aws/auth/process_credentials.h"
#include "base/file.h"
#include "base/log.h"

namespace tidemark::aws {
namespace {

constexpr std::size_t kWebIdentityTokenBytesMax = 64 << 10;
constexpr std::size_t kRoleChainMax = 8;

std::string value_of(const Profile& profile, const std::string& key) {
  const auto at = profile.find(key);
  return at == profile.end() ? std::string() : at->second;
}

Error profile_error(std::string_view profile, std::string_view fault, std::string hint = {},
                    ErrorKind kind = ErrorKind::denied) {
  return Error{kind, fmt::format("profile {} {}", profile, fault), std::move(hint)};
}

bool has_keys(const Profile& profile) {
  return profile.contains("aws_access_key_id") || profile.contains("aws_secret_access_key");
}

bool has_role(const Profile& profile) {
  return profile.contains("role_arn") && !profile.contains("web_identity_token_file");
}

Result<RoleRequest> role_request(const std::string& profile, const Profile& keys) {
  RoleRequest role{value_of(keys, "role_arn"), value_of(keys, "role_session_name"),
                   value_of(keys, "external_id"), std::nullopt};
  if (role.role_arn.empty()) return profile_error(profile, "has an empty role_arn");
  const std::string duration = value_of(keys, "duration_seconds");
  if (duration.empty()) return role;
  int seconds = 0;
  const char* const end = duration.data() + duration.size();
  const auto [stop, fault] = std::from_chars(duration.data(), end, seconds);
  if (fault != std::errc() || stop != end || seconds < 900 || seconds > 43'200) {
    return profile_error(profile, "has a duration_seconds that is not from 900 to 43200");
  }
  role.duration = Seconds{seconds};
  return role;
}

}  // namespace

std::string_view link_name(ProfileLink link) {
  switch (link) {
    case ProfileLink::assumed_role: return "role of the profile";
    case ProfileLink::web_identity: return "web identity";
    case ProfileLink::single_sign_on: return "single sign-on";
    case ProfileLink::credentials_file: return "credentials file";
    case ProfileLink::credential_process: return "credential process";
    case ProfileLink::config_file: return "config file";
  }
  return "profile";
}

Result<LinkAnswer> ProfileCredentials::ask(ProfileLink link, const std::string& profile,
                                           WebIdentityFrom from) {
  switch (link) {
    case ProfileLink::assumed_role: return assumed_role(profile, {profile});
    case ProfileLink::web_identity: return web_identity(profile, from);
    case ProfileLink::single_sign_on: return single_sign_on(profile);
    case ProfileLink::credentials_file:
      return key_pair(files_.credentials, files_.credentials_path, profile);
    case ProfileLink::credential_process: return credential_process(profile);
    case ProfileLink::config_file: return key_pair(files_.config, files_.config_path, profile);
  }
  return passed("there is no such link");
}

Result<LinkAnswer> ProfileCredentials::assumed_role(const std::string& profile, const Path& path) {
  const Profile keys = files_.merged(profile);
  if (!has_role(keys)) return passed(fmt::format("profile {} assumes no role", profile));
  if (!value_of(keys, "mfa_serial").empty()) {
    return profile_error(profile,
                         "asks for an MFA code (mfa_serial), which nobody is there to type",
                         "let the role trust the caller without MFA, or take the session from a "
                         "credential_process",
                         ErrorKind::unsupported);
  }
  const RoleRequest role = TRY(role_request(profile, keys));
  const Credentials source = TRY(role_source(profile, keys, path));
  auto session = world_.sts.assume_role(source, role);
  if (!session) return in_context("profile " + profile, std::move(session).error());
  return LinkAnswer{std::move(*session), {}};
}

// The credentials that the role is assumed with.
Result<Credentials> ProfileCredentials::role_source(const std::string& profile, const Profile& keys,
                                                    const Path& path) {
  const std::string from_profile = value_of(keys, "source_profile");
  const std::string from_link = value_of(keys, "credential_source");
  if (from_profile.empty() == from_link.empty()) {
    return profile_error(
        profile,
        fmt::format("has {} source_profile {} credential_source",
                    from_link.empty() ? "neither" : "both", from_link.empty() ? "nor" : "and"),
        "beside role_arn, set one of them: who assumes the role?");
  }
  return from_link.empty() ? source_profile(from_profile, profile, path)
                           : named_source(from_link, profile);
}

Result<Credentials> ProfileCredentials::named_source(const std::string& source,
                                                     const std::string& profile) {
  LinkAnswer answer;
  if (source == "Environment") {
    answer = TRY(environment_credentials(world_.environment));
  } else if (source == "EcsContainer") {
    answer = TRY(container_credentials(world_.environment, world_.transport, world_.clock));
  } else if (source == "Ec2InstanceMetadata") {
    answer = TRY(instance_credentials(world_.environment, world_.transport));
  } else {
    return profile_error(profile, fmt::format("has the unknown credential_source {}", source),
                         "use Environment, EcsContainer or Ec2InstanceMetadata");
  }
  if (answer.credentials) return std::move(*answer.credentials);
  return profile_error(profile, fmt::format("takes its credentials from {}, which has none: {}",
                                            source, answer.why_not));
}

Result<Credentials> ProfileCredentials::source_profile(const std::string& source,
                                                       const std::string& profile,
                                                       const Path& path) {
  if (!files_.knows(source)) {
    return profile_error(profile,
                         fmt::format("has the source_profile {}, which does not exist", source));
  }
  const Profile keys = files_.merged(source);
  // A profile may name itself, when the keys that assume its role stand in it.
  const bool names_itself = source == profile && has_keys(keys);
  const bool is_loop = std::find(path.begin(), path.end(), source) != path.end();
  if ((is_loop && !names_itself) || path.size() >= kRoleChainMax) {
    return profile_error(profile, fmt::format("leads back to profile {} by source_profile: {} > {}",
                                              source, fmt::join(path, " > "), source));
  }

  LinkAnswer answer;
  if (has_role(keys) && !has_keys(keys)) {
    Path longer = path;
    longer.push_back(source);
    answer = TRY(assumed_role(source, longer));
  } else {
    for (const ProfileLink link : kProfileLinks) {
      if (link == ProfileLink::assumed_role) continue;
      answer = TRY(ask(link, source, WebIdentityFrom::profile));
      if (answer.credentials) break;
    }
  }
  if (answer.credentials) return std::move(*answer.credentials);
  return profile_error(profile,
                       fmt::format("has the source_profile {}, which has no credentials", source));
}

Result<LinkAnswer> ProfileCredentials::web_identity(const std::string& profile,
                                                    WebIdentityFrom from) {
  const Profile keys = files_.merged(profile);
  const auto setting = [&](const char* variable, const char* key) {
    std::optional<std::string> text;
    if (from == WebIdentityFrom::profile_and_environment) {
      text = find_variable(world_.environment, variable);
    }
    return text ? *text : value_of(keys, key);
  };
  const std::string path = setting("AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file");
  if (path.empty()) {
    return passed("neither AWS_WEB_IDENTITY_TOKEN_FILE nor web_identity_token_file is set");
  }
  RoleRequest role{setting("AWS_ROLE_ARN", "role_arn"),
                   setting("AWS_ROLE_SESSION_NAME", "role_session_name"),
                   {},
                   std::nullopt};
  if (role.role_arn.empty()) {
    return Error{ErrorKind::denied, "web identity has a token file and no role",
                 "set AWS_ROLE_ARN, or role_arn in the profile"};
  }
  std::string text = TRY(read_file(path, kWebIdentityTokenBytesMax));
  text.erase(text.find_last_not_of(" \r\n") + 1);
  const Secret token(std::move(text));
  log::redact(token);
  if (token.empty())
    return Error{ErrorKind::denied, "web identity token file " + path + " is empty"};
  auto session = world_.sts.assume_role_with_web_identity(token, role);
  if (!session) return in_context("web identity", std::move(session).error());
  return LinkAnswer{std::move(*session), {}};
}

Result<LinkAnswer> ProfileCredentials::single_sign_on(const std::string& profile) const {
  const Profile keys = files_.merged(profile);
  for (const char* const key :
       {"sso_session", "sso_start_url", "sso_account_id", "sso_role_name", "login_session"}) {
    if (!keys.contains(key)) continue;
    return profile_error(
        profile, fmt::format("signs in through a browser ({}), which tidemark does not do", key),
        fmt::format("in another profile, set credential_process = aws configure "
                    "export-credentials --profile {} --format process; for backups, better give "
                    "the machine a role",
                    profile),
        ErrorKind::unsupported);
  }
  return passed(fmt::format("profile {} does not use it", profile));
}

Result<LinkAnswer> ProfileCredentials::key_pair(const Profiles& profiles, const std::string& path,
                                                const std::string& profile) const {
  const auto at = profiles.find(profile);
  if (at == profiles.end()) return passed(fmt::format("no profile {} in {}", profile, path));
  const Profile& keys = at->second;
  if (!has_keys(keys)) return passed(fmt::format("no keys in profile {} of {}", profile, path));
  const std::string origin = fmt::format("profile {} of {}", profile, path);
  for (const char* const key : {"aws_access_key_id", "aws_secret_access_key"}) {
    if (value_of(keys, key).empty()) {
      return Error{ErrorKind::denied, fmt::format("{} has no {}", origin, key),
                   "write both keys of the pair, or neither"};
    }
  }
  std::string token = value_of(keys, "aws_session_token");
  if (token.empty()) token = value_of(keys, "aws_security_token");
  return LinkAnswer{TRY(credentials_from({value_of(keys, "aws_access_key_id"),
                                          value_of(keys, "aws_secret_access_key"), token},
                                         std::nullopt, origin)),
                    {}};
}

Result<LinkAnswer> ProfileCredentials::credential_process(const std::string& profile) {
  const std::string command = value_of(files_.merged(profile), "credential_process");
  if (command.empty()) return passed(fmt::format("profile {} has none", profile));
  return LinkAnswer{
      TRY(process_credentials(command, profile, world_.environment, world_.clock, world_.stop)),
      {}};
}

}  // namespace tidemark::aws
