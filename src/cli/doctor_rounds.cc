#include "cli/doctor_rounds.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/log.h"
#include "cli/findings_file.h"

namespace tidemark::cli {
namespace {

void log_finding(const doctor::Finding& finding) {
  const std::string text = fmt::format("doctor: {} {}: {}; {}", finding.object, finding.what,
                                       finding.means, finding.fix);
  const log::Fields fields = {{"check", finding.check}};
  switch (finding.severity) {
    case doctor::Severity::critical: log::error(text, fields); break;
    case doctor::Severity::warning: log::warning(text, fields); break;
    case doctor::Severity::note: log::info(text, fields); break;
    case doctor::Severity::unknown: log::debug(text, fields); break;
  }
}

// A danger that stands is not passed over in silence, however often it was told.
void log_standing(const doctor::Change& change, const doctor::Findings& now) {
  const auto critical = [](const doctor::Finding& finding) {
    return finding.severity == doctor::Severity::critical;
  };
  const auto standing = std::count_if(now.begin(), now.end(), critical) -
                        std::count_if(change.appeared.begin(), change.appeared.end(), critical);
  if (standing > 0)
    log::error(
        fmt::format("doctor: recovery is in danger as it was before ({} findings); `tidemark "
                    "doctor` names them",
                    standing));
}

}  // namespace

DoctorOptions doctor_options(const config::Config& config) {
  DoctorOptions options{.application_users = config.doctor.app_users,
                        .files_buckets = config.doctor.files_buckets};
  for (const config::Source& source : config.sources) {
    if (!source.files) continue;
    auto& named = options.files_buckets;
    if (std::find(named.begin(), named.end(), source.files->bucket) == named.end())
      named.push_back(source.files->bucket);
  }
  return options;
}

Result<std::unique_ptr<DoctorRounds>> DoctorRounds::open(const Context& context) {
  std::unique_ptr<DoctorRounds> rounds(new DoctorRounds(context));
  rounds->session_ = TRY(Session::open(context));
  auto before = read_findings(findings_path(rounds->session_->config().state_dir));
  if (before) rounds->before_ = *std::move(before);
  return rounds;
}

void DoctorRounds::round() {
  const doctor::Facts facts = gather_facts(context_, *session_, doctor_options(session_->config()));
  if (context_.stop.requested()) return;  // what was cut short is no finding
  doctor::Findings now = doctor::diagnose(facts, context_.clock.now());
  const doctor::Change change = doctor::compare(before_, now);
  for (const doctor::Finding& finding : change.appeared) log_finding(finding);
  for (const doctor::Finding& finding : change.gone)
    log::info(fmt::format("doctor: no longer so: {} {}", finding.object, finding.what),
              {{"check", finding.check}});
  const auto unknown = std::count_if(
      change.appeared.begin(), change.appeared.end(),
      [](const auto& finding) { return finding.severity == doctor::Severity::unknown; });
  if (unknown > 0)
    log::info(
        fmt::format("doctor: {} things could not be looked at with these credentials; run "
                    "`tidemark doctor` with those of `tidemark iam auditor`",
                    unknown));
  log_standing(change, now);
  before_ = std::move(now);
  const Status kept = write_findings(findings_path(session_->config().state_dir), before_);
  if (!kept) log::warning("what was found is not remembered: " + kept.error().message);
}

}  // namespace tidemark::cli
