#include "ops/restore_lease.h"

#include <condition_variable>
#include <mutex>
#include <thread>

#include <fmt/format.h>

#include "base/log.h"

namespace tidemark::ops {
namespace {

constexpr std::string_view kNobody = "-";

// Calls something again and again in a thread of its own, until it is destroyed.
class Repeater {
 public:
  Repeater(std::function<void()> what, Millis every)
      : what_(std::move(what)), every_(every), thread_([this] { run(); }) {}
  Repeater(const Repeater&) = delete;
  Repeater& operator=(const Repeater&) = delete;

  ~Repeater() {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    wake_.notify_all();
    thread_.join();
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, every_, [this] { return ended_; })) {
      lock.unlock();
      what_();
      lock.lock();
    }
  }

  const std::function<void()> what_;
  const Millis every_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool ended_ = false;
  std::thread thread_;  // last: it uses all the others
};

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
  if (!lease || lease->holder == self.text()) return Done{};
  const bool runs_here = is_known_alive(lease->holder, self);
  const bool believed = now - lease->renewed < kLeaseLength && !is_known_dead(lease->holder, self);
  if (!runs_here && !believed) return Done{};
  return Error{ErrorKind::locked,
               fmt::format("another run is at it: {}, last seen at {}", lease->holder,
                           format_time(lease->renewed)),
               runs_here ? std::string("it runs on this machine: follow it with `tidemark restore "
                                       "status`; once it ended, the same command takes over")
                         : fmt::format("follow it with `tidemark restore status`; if it is dead, "
                                       "the same command takes over from {} on",
                                       format_time(lease->renewed + kLeaseLength))};
}

Status require_own_lease(const core::SeenInstance& carrier, const ProcessIdentity& self,
                         TimePoint now) {
  TRY(require_free_lease(carrier, self, now));
  const auto lease = read_lease(carrier.settings.tags);
  if (lease && lease->holder == self.text() && now - lease->renewed < kLeaseLength) return Done{};
  return Error{ErrorKind::conflict, fmt::format("{} does not show our lease", carrier.id), ""};
}

Status hold_lease(aws::rds::RdsClient& service, const core::SeenInstance& carrier,
                  const ProcessIdentity& self, TimePoint now) {
  TRY(require_free_lease(carrier, self, now));
  const auto lease = read_lease(carrier.settings.tags);
  const bool ours = lease && lease->holder == self.text();
  if (ours && now - lease->renewed < kLeaseRenewal) return Done{};
  return service.add_tags(carrier.arn, {{std::string(kRunnerTag), lease_value(self, now)}});
}

Status renew_lease(aws::rds::RdsClient& service, const std::string& carrier_id,
                   const ProcessIdentity& self, TimePoint now) {
  const aws::rds::Instance instance = TRY(service.instance(carrier_id));
  const core::SeenInstance carrier{
      .id = instance.id, .arn = instance.arn, .settings = instance.settings};
  return hold_lease(service, carrier, self, now);
}

Status while_renewing(const std::function<Status()>& renew, Millis every,
                      const std::function<Status()>& work) {
  const Repeater repeater(
      [&renew] {
        // There is time to try again while the lease lasts; the next look tells who took it.
        if (const Status renewed = renew(); !renewed)
          log::warning("the restore's lease could not be renewed: " + renewed.error().message);
      },
      every);
  return work();
}

void give_up_lease(aws::rds::RdsClient& service, const core::SeenInstance& carrier) {
  discard(service.add_tags(carrier.arn, {{std::string(kRunnerTag), std::string(kNobody)}}),
          "the lease ends by itself");
}

}  // namespace tidemark::ops
