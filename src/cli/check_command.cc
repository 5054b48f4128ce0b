// `tidemark check` and `tidemark verify`: is the repository sound; is every byte what it was.
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/repository_access.h"
#include "cli/size_text.h"
#include "cli/step_progress.h"
#include "repo/upkeep/check.h"
#include "report/json.h"
#include "report/text.h"

namespace tidemark::cli {
namespace {

constexpr int kSampleDaysMax = 3650;

std::string findings_text(const std::vector<Error>& findings, const report::Style& style) {
  std::string text;
  for (const Error& finding : findings) text += "  " + report::error_text(finding, style);
  return text;
}

nlohmann::json findings_json(const std::vector<Error>& findings) {
  auto list = nlohmann::json::array();
  for (const Error& finding : findings) list.push_back(report::error_json(finding));
  return list;
}

Result<ExitCode> run_check(Args& args, Context& context) {
  TRY(args.parse());
  const auto session = TRY(Session::open(context));
  const auto access = TRY(RepositoryAccess::open(context, *session));
  const repo::CheckReport report = TRY(repo::check(access->repository()));
  if (context.global.json) {
    auto document = report::document("check");
    document["sound"] = report.sound();
    document["archives"] = report.archives;
    document["packs"] = report.packs;
    document["chunks"] = report.chunks;
    document["findings"] = findings_json(report.findings);
    document["damaged_archives"] = nlohmann::json::array();
    for (const auto& [name, streams] : report.damaged)
      document["damaged_archives"].push_back({{"archive", name.hex()}, {"streams", streams}});
    document["foreign"] = report.foreign;
    TRY(context.print(report::json_line(document)));
  } else {
    const report::Style style = context.output_style();
    std::string text =
        fmt::format("{} {} archives, {} chunks in {} packs of {}\n",
                    report.sound() ? style.good("sound:") : style.bad("DAMAGED:"), report.archives,
                    report.chunks, report.packs, size_text(report.pack_bytes));
    text += findings_text(report.findings, style);
    for (const auto& [name, streams] : report.damaged)
      for (const auto& [stream, chunks] : streams)
        text += fmt::format("  archive {}: {} lacks {} chunks\n", name.hex().substr(0, 12), stream,
                            chunks);
    for (const std::string& key : report.foreign) text += fmt::format("  not ours: {}\n", key);
    TRY(context.print(text));
  }
  return report.sound() ? ExitCode::ok : ExitCode::damaged;
}

Result<ExitCode> run_verify(Args& args, Context& context) {
  int days = 1;
  args.option("--within-days", "N", days, 1, kSampleDaysMax,
              "read one Nth today, another one each day: all of it within N days");
  TRY(args.parse());
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
  if (context.global.json) {
    auto document = report::document("verify");
    document["sound"] = sound;
    document["packs_read"] = verified->packs_read;
    document["bytes_read"] = verified->bytes_read;
    document["chunks_read"] = verified->chunks_read;
    document["findings"] = findings_json(verified->findings);
    TRY(context.print(report::json_line(document)));
  } else {
    const report::Style style = context.output_style();
    TRY(context.print(fmt::format("{} read {} chunks in {} packs, {}\n{}",
                                  sound ? style.good("intact:") : style.bad("DAMAGED:"),
                                  verified->chunks_read, verified->packs_read,
                                  size_text(verified->bytes_read),
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
    "--within-days N it reads another share each day, all of it within N days. Changes nothing.",
    "tidemark verify --within-days 28", run_verify};

}  // namespace tidemark::cli
