#include "ops/restore_lease.h"

#include <fmt/format.h>

namespace tidemark::ops {
namespace {

constexpr std::string_view kNobody = "-";

}  // namespace

std::string lease_value(const ProcessIdentity& holder, TimePoint now) {
  return fmt::format("{} {}", holder.text(), format_time(now));
}

std::optional<Lease> read_lease(const core::Tags& tags) {
  const auto tag = tags.find(std::string(kRunnerTag));
  if (tag == tags.end()) return std::nullopt;
  const std::size_t blank = tag->second.rfind(' ');
  if (blank == std::string::npos) return std::nullopt;
  const auto renewed = parse_time(std::string_view(tag->second).substr(blank + 1));
  if (!renewed) return std::nullopt;
  return Lease{tag->second.substr(0, blank), *renewed};
}

Status require_free_lease(const core::SeenInstance& carrier, const ProcessIdentity& self,
                          TimePoint now) {
  const auto lease = read_lease(carrier.settings.tags);
  const bool alive = lease && lease->holder != self.text() && now - lease->renewed < kLeaseLength &&
                     !is_known_dead(lease->holder, self);
  if (!alive) return Done{};
  return Error{ErrorKind::locked,
               fmt::format("another run is at it: {}, last seen at {}", lease->holder,
                           format_time(lease->renewed)),
               fmt::format("follow it with `tidemark restore status`; if it is dead, the same "
                           "command takes over from {} on",
                           format_time(lease->renewed + kLeaseLength))};
}

Status hold_lease(aws::rds::RdsClient& service, const core::SeenInstance& carrier,
                  const ProcessIdentity& self, TimePoint now) {
  TRY(require_free_lease(carrier, self, now));
  const auto lease = read_lease(carrier.settings.tags);
  const bool ours = lease && lease->holder == self.text();
  if (ours && now - lease->renewed < kLeaseRenewal) return Done{};
  return service.add_tags(carrier.arn, {{std::string(kRunnerTag), lease_value(self, now)}});
}

void give_up_lease(aws::rds::RdsClient& service, const core::SeenInstance& carrier) {
  discard(service.add_tags(carrier.arn, {{std::string(kRunnerTag), std::string(kNobody)}}),
          "the lease ends by itself");
}

}  // namespace tidemark::ops
