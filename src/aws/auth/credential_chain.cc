#include "aws/auth/credential_chain.h"

#include <array>

#include <fmt/format.h>

#include "aws/auth/container_credentials.h"
#include "aws/auth/environment_credentials.h"
#include "aws/auth/instance_credentials.h"
#include "base/log.h"

namespace tidemark::aws {
namespace {

enum class Place { environment, profile, container, instance };

struct Link {
  Place place;
  ProfileLink in_profile = ProfileLink::assumed_role;  // when the place is the profile
};

constexpr std::array<Link, 9> kLinks = {{{Place::environment},
                                         {Place::profile, ProfileLink::assumed_role},
                                         {Place::profile, ProfileLink::web_identity},
                                         {Place::profile, ProfileLink::single_sign_on},
                                         {Place::profile, ProfileLink::credentials_file},
                                         {Place::profile, ProfileLink::credential_process},
                                         {Place::profile, ProfileLink::config_file},
                                         {Place::container},
                                         {Place::instance}}};

std::string_view name_of(const Link& link) {
  switch (link.place) {
    case Place::environment: return "environment";
    case Place::profile: return link_name(link.in_profile);
    case Place::container: return "container agent";
    case Place::instance: return "instance role";
  }
  return "link";
}

bool names_a_profile(const Environment& environment) {
  return find_variable(environment, "AWS_PROFILE") ||
         find_variable(environment, "AWS_DEFAULT_PROFILE");
}

}  // namespace

CredentialChain::CredentialChain(CredentialChainOptions options, net::HttpTransport& transport,
                                 Clock& clock, const StopSignal& stop)
    : options_(std::move(options)),
      transport_(transport),
      clock_(clock),
      stop_(stop),
      sts_(options_.environment, options_.region, transport, clock),
      kept_([this] { return fetch(); }, clock) {}

Result<Credentials> CredentialChain::fetch() {
  if (!winner_) return search();
  LinkAnswer answer = TRY(ask(*winner_));
  if (answer.credentials) return std::move(*answer.credentials);
  return Error{ErrorKind::denied, fmt::format("{} has no credentials any more: {}",
                                              name_of(kLinks[*winner_]), answer.why_not)};
}

Result<Credentials> CredentialChain::search() {
  std::string tried;
  for (std::size_t link = 0; link < kLinks.size(); ++link) {
    LinkAnswer answer = TRY(ask(link));
    if (answer.credentials) {
      winner_ = link;
      log::debug("found credentials", {{"provider", answer.credentials->provider}});
      return std::move(*answer.credentials);
    }
    if (!tried.empty()) tried += "; ";
    tried += fmt::format("{}: {}", name_of(kLinks[link]), answer.why_not);
  }
  return Error{ErrorKind::denied, "no AWS credentials found: " + tried,
               "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, choose a profile, or give this "
               "machine a role"};
}

Result<LinkAnswer> CredentialChain::ask(std::size_t link) {
  const Environment& environment = options_.environment;
  switch (kLinks[link].place) {
    case Place::environment: {
      if (!options_.profile.empty()) {
        return passed(fmt::format("not asked, because profile {} was chosen", options_.profile));
      }
      LinkAnswer answer = TRY(environment_credentials(environment));
      if (answer.credentials && names_a_profile(environment)) {
        log::warning("keys in the environment are used, not the profile that it also names",
                     {{"profile", selected_profile(environment, {})}});
      }
      return answer;
    }
    case Place::profile: return ask_profile(kLinks[link].in_profile);
    case Place::container: return container_credentials(environment, transport_, clock_);
    case Place::instance: return instance_credentials(environment, transport_);
  }
  return passed("there is no such link");
}

// Reads the files each time: they may be renewed while we run.
Result<LinkAnswer> CredentialChain::ask_profile(ProfileLink link) {
  const Environment& environment = options_.environment;
  const ProfileFiles files = TRY(read_profile_files(environment));
  const std::string profile = selected_profile(environment, options_.profile);
  const bool was_named = !options_.profile.empty() || names_a_profile(environment);
  if (was_named && profile != "default" && !files.knows(profile)) {
    return Error{ErrorKind::denied, fmt::format("profile {} does not exist", profile),
                 fmt::format("write it as [profile {}] in {} or as [{}] in {}", profile,
                             files.config_path, profile, files.credentials_path)};
  }
  ProfileCredentials credentials({environment, transport_, clock_, stop_, sts_}, files);
  return credentials.ask(link, profile,
                         options_.profile.empty() ? WebIdentityFrom::profile_and_environment
                                                  : WebIdentityFrom::profile);
}

}  // namespace tidemark::aws
