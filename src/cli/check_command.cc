// `tidemark check` and `tidemark verify`: is the repository sound; is every byte what it was.
#include <charconv>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/remote_text.h"
#include "cli/check_report.h"
#include "cli/commands.h"
#include "cli/doctor_facts.h"
#include "cli/repository_access.h"
#include "cli/size_text.h"
#include "cli/step_progress.h"
#include "repo/upkeep/verify.h"
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

std::string verify_text(const repo::VerifyReport& report, int days, const report::Style& style) {
  if (report.packs == 0 && report.sound()) return "nothing is stored yet\n";
  std::string text =
      fmt::format("{} read {} chunks in {} packs, {}\n",
                  !report.sound()         ? style.bad("DAMAGED:")
                  : report.packs_read > 0 ? style.good("intact:")
                                          : "no pack has its turn today:",
                  report.chunks_read, report.packs_read, size_text(report.bytes_read));
  if (days > 1) text += fmt::format("  done each day, all is read within {} days\n", days);
  text += findings_text(report.findings, style);
  text += hurt_text(report.damaged, "lacks");
  if (report.damaged_packs.empty()) return text;
  text +=
      report.damaged.empty() ? "  no archive lacks anything: the rest of it is elsewhere\n" : "";
  if (report.unrecorded)
    return text + fmt::format(
                      "  later archives may build on it, since no word of it could be left: "
                      "{}\n",
                      clean_remote_text(report.unrecorded->message));
  return text + "  the next archive stores again what its database still has of it\n";
}

struct Share {
  std::optional<int> within_days;
  std::optional<std::string> sample;

  Result<int> days() const {
    if (within_days && sample)
      return Error{ErrorKind::invalid_input, "--sample and --within-days exclude each other",
                   "5% is 20 days"};
    return sample ? days_of_sample(*sample) : Result<int>(within_days.value_or(1));
  }
};

Result<ExitCode> run_verify(Args& args, Context& context) {
  Share share;
  int within_days = 0;
  args.option("--within-days", "N", within_days, 1, kSampleDaysMax,
              "read one Nth today, another one each day: all of it within N days");
  args.option("--sample", "SHARE", share.sample,
              "read this share of it, such as 5%, another one each day");
  TRY(args.parse());
  if (within_days > 0) share.within_days = within_days;
  const int days = TRY(share.days());
  const auto session = TRY(Session::open(context));
  const auto access = TRY(RepositoryAccess::open(context, *session));
  const auto day = std::chrono::floor<std::chrono::days>(context.clock.now()).time_since_epoch();
  const repo::Sample sample{.days = static_cast<std::uint32_t>(days),
                            .day = static_cast<std::uint64_t>(day.count())};
  repo::ReaderLease reading = access->reading();
  StepProgress progress(context);
  const Millis begin = context.clock.steady();
  const auto verified =
      repo::verify(access->repository(), sample, [&](const repo::VerifyReport& at) -> Status {
        progress.detail(fmt::format("{} packs, {}", at.packs_read, size_text(at.bytes_read)),
                        context.clock.steady() - begin);
        reading.keep();
        return context.stop.requested() ? Status(stopped()) : Status(Done{});
      });
  reading.release();
  progress.finish();
  if (!verified) return verified.error();
  if (verified->sound() && days == 1) remember_verified(context, session->config());
  if (context.global.json) {
    auto document = report::document("verify");
    document["sound"] = verified->sound();
    document["packs"] = verified->packs;
    document["packs_read"] = verified->packs_read;
    document["bytes_read"] = verified->bytes_read;
    document["chunks_read"] = verified->chunks_read;
    document["all_within_days"] = days;
    document["findings"] = findings_json(verified->findings);
    document["damaged_archives"] = hurt_json(verified->damaged);
    TRY(context.print(report::json_line(document)));
  } else {
    TRY(context.print(verify_text(*verified, days, context.output_style())));
  }
  return verified->sound() ? ExitCode::ok : ExitCode::damaged;
}

}  // namespace

const Command kCheckCommand{
    "check", "see whether the structure of the repository is sound",
    "Reads what is small: keys, archives, index and listings. Finds what is missing or does not "
    "fit "
    "together, and names the archives and tables that are hurt, also by packs that a verify found "
    "damaged. Changes nothing.",
    "tidemark check", run_check};

const Command kVerifyCommand{
    "verify", "read back every byte of the repository",
    "Reads packs, decrypts and decodes every chunk and compares it with its digest. With "
    "--within-days N or --sample 5% it reads another share each day, all of it within N days, or "
    "20. Names the archives and tables that lack what cannot be read. Of damaged packs it leaves "
    "word in the repository: they are read each time from then on, the next archive stores again "
    "what its database still has of them, and a prune takes nothing in them for a copy.",
    "tidemark verify --sample 5%", run_verify};

}  // namespace tidemark::cli
