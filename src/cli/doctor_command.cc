// `tidemark doctor`: is everything set up so that recovery will work, and so that nobody can take
// it away.
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/doctor_rounds.h"
#include "cli/findings_file.h"
#include "report/json.h"

namespace tidemark::cli {
namespace {

std::string dressed(doctor::Severity severity, const report::Style& style) {
  const std::string_view name = doctor::severity_name(severity);
  switch (severity) {
    case doctor::Severity::critical: return style.bad(name);
    case doctor::Severity::warning: return style.doubtful(name);
    case doctor::Severity::unknown: return style.strong(name);
    case doctor::Severity::note: return style.faint(name);
  }
  return std::string(name);
}

std::string text_of(const doctor::Findings& findings, const report::Style& style) {
  std::string text;
  for (const doctor::Finding& finding : findings)
    text +=
        fmt::format("{}  {} {}\n    means  {}\n    fix    {}\n", dressed(finding.severity, style),
                    finding.object, finding.what, finding.means, finding.fix);
  const auto unknown = std::count_if(
      findings.begin(), findings.end(),
      [](const doctor::Finding& finding) { return finding.severity == doctor::Severity::unknown; });
  std::string verdict = style.good("none of them endangers recovery now");
  if (unknown > 0)
    verdict = style.doubtful(fmt::format(
        "of {} nothing is known, and the others do not endanger recovery now", unknown));
  if (doctor::endangers_recovery(findings)) verdict = style.bad("recovery is in danger");
  text += fmt::format("{} findings; {}\n", findings.size(), verdict);
  return text;
}

Result<ExitCode> run_doctor(Args& args, Context& context) {
  std::optional<std::string> user, bucket;
  args.option("--app-user", "ARN", user,
              "role or user of the application: what it may do to files");
  args.option("--files-bucket", "BUCKET", bucket, "bucket of the application's files");
  TRY(args.parse());
  const auto session = TRY(Session::open(context));
  // Without any, each finding would be that nothing is known.
  TRY(session->credentials().get());
  DoctorOptions options = doctor_options(session->config());
  if (user) options.application_users.push_back(*user);
  if (bucket) options.files_buckets.push_back(*bucket);
  const doctor::Facts facts = gather_facts(context, *session, options);
  const doctor::Findings findings = doctor::diagnose(facts, context.clock.now());
  const bool endangered = doctor::endangers_recovery(findings);
  auto document = report::document("doctor");
  document["endangered"] = endangered;
  document["findings"] = findings_json(findings);
  TRY(context.print(context.global.json ? report::json_line(document)
                                        : text_of(findings, context.output_style())));
  return endangered ? ExitCode::violated : ExitCode::ok;
}

}  // namespace

const Command kDoctorCommand{
    "doctor", "look for whatever would spoil a recovery, and say how to mend it",
    "Looks at credentials, instances, snapshots, buckets, the repository and this machine. Each "
    "finding says what it means for recovery and which command mends it. What it may not look at "
    "is a finding too: unknown. Changes nothing.\n\nThe exit code is 14 when something endangers "
    "recovery.",
    "tidemark doctor --files-bucket acme-files --app-user arn:aws:iam::111122223333:user/web",
    run_doctor};

}  // namespace tidemark::cli
