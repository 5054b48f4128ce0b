#include "cli/doctor_rounds.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/log.h"
#include "doctor/diagnose.h"

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
  return rounds;
}

void DoctorRounds::round() {
  const doctor::Facts facts = gather_facts(context_, *session_, doctor_options(session_->config()));
  if (context_.stop.requested()) return;  // what was cut short is no finding
  std::vector<doctor::Finding> now = doctor::diagnose(facts, context_.clock.now());
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
  before_ = std::move(now);
}

}  // namespace tidemark::cli
