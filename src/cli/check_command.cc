// `tidemark check` and `tidemark verify`: is the repository sound; is every byte what it was.
#include <charconv>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/check_report.h"
#include "cli/commands.h"
#include "cli/doctor_facts.h"
#include "cli/repository_access.h"
#include "cli/size_text.h"
#include "cli/step_progress.h"
#include "repo/upkeep/check.h"
#include "report/json.h"

namespace tidemark::cli {
namespace {

constexpr int kSampleDaysMax = 3650;

Result<ExitCode> run_check(Args& args, Context& context) {
  TRY(args.parse());
  const auto session = TRY(Session::open(context));
  const auto access = TRY(RepositoryAccess::open(context, *session));
  const repo::CheckReport report = TRY(repo::check(access->repository()));
  auto document = report::document("check");
  add_check_json(report, document);
  TRY(context.print(context.global.json ? report::json_line(document)
                                        : check_text(report, context.output_style())));
  return report.sound() ? ExitCode::ok : ExitCode::damaged;
}

// A share of all that is read each day: "5%" is all of it within 20 days.
Result<int> days_of_sample(const std::string& share) {
  int percent = 0;
  const char* const end = share.data() + share.size();
  const auto [after, error] = std::from_chars(share.data(), end, percent);
  const bool whole = error == std::errc() && std::string_view(after, end) == "%";
  if (whole && percent >= 1 && percent <= 100) return 100 / percent;
  return Error{ErrorKind::invalid_input, fmt::format("--sample is '{}'", share),
               "give the share to read each day, from 1% to 100%"};
}

Result<ExitCode> run_verify(Args& args, Context& context) {
  int days = 1;
  std::optional<std::string> share;
  args.option("--within-days", "N", days, 1, kSampleDaysMax,
              "read one Nth today, another one each day: all of it within N days");
  args.option("--sample", "SHARE", share,
              "read this share of it, such as 5%, another one each day");
  TRY(args.parse());
  if (share) days = TRY(days_of_sample(*share));
  const auto session = TRY(Session::open(context));
  const auto access = TRY(RepositoryAccess::open(context, *session));
  const auto day = std::chrono::floor<std::chrono::days>(context.clock.now()).time_since_epoch();
  const repo::Sample sample{.days = static_cast<std::uint32_t>(days),
                            .day = static_cast<std::uint64_t>(day.count())};
  StepProgress progress(context);
  const Millis begin = context.clock.steady();
  const auto verified =
      repo::verify(access->repository(), sample, [&](const repo::VerifyReport& at) -> Status {
        progress.detail(fmt::format("{} packs, {}", at.packs_read, size_text(at.bytes_read)),
                        context.clock.steady() - begin);
        if (context.stop.requested()) return stopped();
        return Done{};
      });
  progress.finish();
  if (!verified) return verified.error();
  const bool sound = verified->findings.empty();
  if (sound && days == 1) remember_verified(context, session->config());
  if (context.global.json) {
    auto document = report::document("verify");
    document["sound"] = sound;
    document["packs_read"] = verified->packs_read;
    document["bytes_read"] = verified->bytes_read;
    document["chunks_read"] = verified->chunks_read;
    document["all_within_days"] = days;
    document["findings"] = findings_json(verified->findings);
    TRY(context.print(report::json_line(document)));
  } else {
    const report::Style style = context.output_style();
    const std::string rest =
        days == 1 ? "" : fmt::format("  done each day, all is read within {} days\n", days);
    TRY(context.print(fmt::format("{} read {} chunks in {} packs, {}\n{}{}",
                                  sound ? style.good("intact:") : style.bad("DAMAGED:"),
                                  verified->chunks_read, verified->packs_read,
                                  size_text(verified->bytes_read), rest,
                                  findings_text(verified->findings, style))));
  }
  return sound ? ExitCode::ok : ExitCode::damaged;
}

}  // namespace

const Command kCheckCommand{
    "check", "see whether the structure of the repository is sound",
    "Reads what is small: keys, archives, index and listings. Finds what is missing or does not "
    "fit "
    "together, and names the archives and tables that are hurt. Changes nothing.",
    "tidemark check", run_check};

const Command kVerifyCommand{
    "verify", "read back every byte of the repository",
    "Reads packs, decrypts and decodes every chunk and compares it with its digest. With "
    "--within-days N or --sample 5% it reads another share each day, all of it within N days, or "
    "20. Changes nothing.",
    "tidemark verify --sample 5%", run_verify};

}  // namespace tidemark::cli
