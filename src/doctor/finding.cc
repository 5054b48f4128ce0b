#include "doctor/finding.h"

#include <algorithm>
#include <tuple>

namespace tidemark::doctor {
namespace {

bool same(const Finding& a, const Finding& b) {
  return a.check == b.check && a.object == b.object && a.severity == b.severity;
}

std::vector<Finding> without(const std::vector<Finding>& all, const std::vector<Finding>& those) {
  std::vector<Finding> rest;
  for (const Finding& finding : all)
    if (std::none_of(those.begin(), those.end(),
                     [&](const Finding& other) { return same(finding, other); }))
      rest.push_back(finding);
  return rest;
}

}  // namespace

std::string_view severity_name(Severity severity) {
  switch (severity) {
    case Severity::critical: return "critical";
    case Severity::warning: return "warning";
    case Severity::unknown: return "unknown";
    case Severity::note: return "note";
  }
  return "";
}

Finding not_known(std::string check, std::string object, const Error& error) {
  return {.severity = Severity::unknown,
          .check = std::move(check),
          .object = std::move(object),
          .what = "could not be looked at: " + error.message,
          .means = "nothing is known of it, good or bad",
          .fix = error.kind == ErrorKind::denied ? "tidemark iam auditor" : error.hint};
}

void sort_findings(std::vector<Finding>& findings) {
  std::stable_sort(findings.begin(), findings.end(), [](const Finding& a, const Finding& b) {
    return std::tie(a.severity, a.check, a.object) < std::tie(b.severity, b.check, b.object);
  });
}

bool endangers_recovery(const std::vector<Finding>& findings) {
  return std::any_of(findings.begin(), findings.end(),
                     [](const Finding& finding) { return finding.severity == Severity::critical; });
}

Change compare(const std::vector<Finding>& before, const std::vector<Finding>& now) {
  return {.appeared = without(now, before), .gone = without(before, now)};
}

}  // namespace tidemark::doctor
