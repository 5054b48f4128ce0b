#include "daemon/daemon.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include <fmt/format.h>
#include <malloc.h>

#include "base/log.h"
#include "daemon/daily.h"
#include "daemon/health.h"

namespace tidemark::daemon {
namespace {

using core::RunReport;
using core::SourceReport;

constexpr Seconds kLookWhileInProgress{30};

// What was said before, so that a lasting warning is not repeated in each pass. What is critical
// is repeated: silence would look like recovery.
class Memory {
 public:
  bool is_news(const std::string& source, const std::string& message) {
    return said_.insert({source, message}).second;
  }
  // Forgets what is no longer true, so that it is news again if it comes back.
  void keep_only(const std::set<std::pair<std::string, std::string>>& true_now) {
    std::erase_if(said_, [&](const auto& one) { return !true_now.contains(one); });
  }
  // The newest good point changed since the last pass.
  bool is_new_point(const std::string& source, const std::string& point) {
    return std::exchange(last_good_[source], point) != point;
  }

 private:
  std::set<std::pair<std::string, std::string>> said_;
  std::map<std::string, std::string> last_good_;
};

std::string with_hint(const std::string& message, const std::string& hint) {
  return hint.empty() ? message : fmt::format("{} -> {}", message, hint);
}

void log_events(const SourceReport& source) {
  const std::string& name = source.plan.source;
  for (const core::Event& event : source.events) {
    const bool archive = event.act == core::Act::archive;
    const log::Fields fields = {{"source", name},
                                {archive ? "archive" : "snapshot", event.snapshot}};
    if (event.error)
      log::warning(with_hint(event.error->message, event.error->hint), fields);
    else
      log::info(fmt::format("{} done", core::act_name(event.act)), fields);
  }
}

void log_problems(const SourceReport& source, Memory& memory,
                  std::set<std::pair<std::string, std::string>>& true_now) {
  const std::string& name = source.plan.source;
  for (const core::Problem& problem : source.plan.problems) {
    true_now.emplace(name, problem.message);
    const bool news = memory.is_news(name, problem.message);
    const std::string text = with_hint(problem.message, problem.hint);
    if (problem.severity == core::Severity::critical)
      log::error(text, {{"source", name}});
    else if (news && problem.severity == core::Severity::warning)
      log::warning(text, {{"source", name}});
    else if (news)
      log::info(text, {{"source", name}});
  }
}

void log_report(const RunReport& report, Memory& memory) {
  std::set<std::pair<std::string, std::string>> true_now;
  for (const SourceReport& source : report.sources) {
    log_events(source);
    log_problems(source, memory, true_now);
    const auto& good = source.plan.last_good;
    if (good && memory.is_new_point(source.plan.source, good->id))
      log::info("newest good point", {{"source", source.plan.source},
                                      {"snapshot", good->id},
                                      {"taken", format_time(good->moment())}});
  }
  memory.keep_only(true_now);
}

std::string status_line(const RunReport& report) {
  const auto unhealthy =
      std::count_if(report.sources.begin(), report.sources.end(),
                    [](const SourceReport& source) { return !source.plan.healthy(); });
  return unhealthy == 0 ? fmt::format("sources protected: {}", report.sources.size())
                        : fmt::format("{} of {} sources NOT protected as asked", unhealthy,
                                      report.sources.size());
}

// Missing three looks in a row, with time for slow calls, means that nobody is there.
TimePoint next_heartbeat_by(const RunReport& report, Seconds interval) {
  return report.finished + 3 * interval + std::chrono::minutes(10);
}

// Says how we are: after each pass, and again when a round of archives ended, since the next pass
// may be minutes away. Thread-safe.
class Heartbeat {
 public:
  Heartbeat(const DaemonOptions& options, const ServiceManager& manager)
      : options_(options), manager_(manager) {}

  void pass_ended(const RunReport& report) {
    const std::lock_guard lock(mutex_);
    last_ = report;
    if (options_.archives != nullptr) options_.archives->see(report);
    // From the passes alone: archives that go on prove nothing of them.
    tell("WATCHDOG=1\n");
    for (SourceReport& source : last_->sources) source.events.clear();  // told once
  }

  void archives_ended() {
    const std::lock_guard lock(mutex_);
    if (last_) tell("");
  }

 private:
  // The caller has the mutex.
  void tell(std::string_view more) {
    RunReport report = *last_;
    if (options_.archives != nullptr) options_.archives->add_to(report);
    log_report(report, memory_);
    const Status written = write_health(
        options_.health_file, health_of(report, next_heartbeat_by(report, options_.interval)));
    if (!written)
      log::error(with_hint(written.error().message,
                           "`tidemark health` cannot see this daemon; set state_dir or "
                           "TIDEMARK_STATE_DIR to a folder that it may write"));
    manager_.tell(fmt::format("{}STATUS={}", more, status_line(report)));
  }

  const DaemonOptions& options_;
  const ServiceManager& manager_;
  std::mutex mutex_;  // of what follows
  Memory memory_;
  std::optional<RunReport> last_;  // without archives
};

// Until it is asked to stop.
void make_archives(ops::ArchiveRounds& archives, Heartbeat& heartbeat, Seconds interval,
                   Clock& clock) {
  while (archives.round()) {
    heartbeat.archives_ended();
    ::malloc_trim(0);
    if (!clock.sleep(archives.pause(interval))) return;
  }
}

}  // namespace

Seconds pause_after(const RunReport& report, Seconds interval) {
  Seconds pause = interval;
  for (const SourceReport& source : report.sources) {
    if (source.plan.awaited) pause = std::min(pause, kLookWhileInProgress);
    if (source.plan.next_slot)
      pause = std::min(pause, std::chrono::ceil<Seconds>(*source.plan.next_slot - report.finished));
  }
  return std::max(pause, Seconds(1));
}

void run_daemon(const std::vector<ops::Source>& sources, const DaemonOptions& options,
                const ServiceManager& manager, Clock& clock) {
  Heartbeat heartbeat(options, manager);
  std::jthread archiver;
  if (options.archives != nullptr)
    archiver =
        std::jthread([&] { make_archives(*options.archives, heartbeat, options.interval, clock); });
  std::jthread daily;
  if (options.look_daily) daily = std::jthread([&] { repeat_daily(options.look_daily, clock); });
  manager.tell("READY=1\nSTATUS=starting");
  for (;;) {
    const auto report = ops::run_pass(sources, options.pass, clock);
    if (!report) break;  // asked to stop
    heartbeat.pass_ended(*report);
    ::malloc_trim(0);  // a long listing is over; an idle daemon should be small
    if (!clock.sleep(pause_after(*report, options.interval))) break;
  }
  manager.tell("STOPPING=1");
  log::info("stopping, as asked");
}

}  // namespace tidemark::daemon
