// `tidemark repo init` and `tidemark repo info`: make a repository; what one is.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/key_file.h"
#include "cli/repository_access.h"
#include "cli/size_text.h"
#include "repo/upkeep/stats.h"
#include "report/json.h"
#include "storage/probe.h"

namespace tidemark::cli {
namespace {

// Tried and removed before anything is made: a store that breaks its promises holds no repository.
constexpr std::string_view kProbeKey = "probe/init";

// Whether the key that was just made may be one of a repository.
bool is_there(RepositoryAccess& access, const Error& error) {
  if (outcome_unknown(error)) return true;
  if (error.kind == ErrorKind::already_exists) return false;  // somebody else's
  const auto config = access.store().stat(repo::kConfigKey);
  return config || config.error().kind != ErrorKind::not_found;
}

Result<ExitCode> run_init(Args& args, Context& context) {
  TRY(args.parse());
  TRY(require_writable(context, "make a repository"));
  const auto session = TRY(Session::open(context));
  const auto access = TRY(RepositoryAccess::open_store(context, *session, true));
  TRY(repo::Repository::check_unused(access->store()));  // before a key is made for it
  TRY(storage::probe_store(access->store(), kProbeKey));
  bool made_key = false;
  const repo::KeySecret secret =
      TRY(make_or_read_key(context, access->config(), access->random(), made_key));
  const bool is_key = secret.form == repo::KeySecret::Form::key;
  const repo::NewSlot slot{.kind = is_key ? repo::SlotKind::key_file : repo::SlotKind::password,
                           .label = is_key ? "key file" : "password",
                           .made = context.clock.now(),
                           .cost = {}};
  const Status done = repo::Repository::init(access->surroundings(), slot, secret.secret);
  if (!done && made_key)
    return failed_with_key_file(access->config().key_file, !is_there(*access, done.error()),
                                done.error());
  if (!done) return done.error();
  if (context.global.json) {
    auto document = report::document("repo_init");
    document["url"] = access->config().url;
    document["key_file"] = access->config().key_file;
    TRY(context.print(report::json_line(document)));
    return ExitCode::ok;
  }
  std::string text = fmt::format("made a repository in {}\n", access->store().describe());
  if (is_key)
    text += fmt::format(
        "  its key is in {}{}\n  -> print a copy for the safe, now: tidemark key recovery-sheet\n",
        access->config().key_file, made_key ? "" : ", which was there already");
  else
    text += "  its key is your password: nobody can get it back for you\n";
  TRY(context.print(text));
  return ExitCode::ok;
}

Result<ExitCode> run_info(Args& args, Context& context) {
  TRY(args.parse());
  const auto session = TRY(Session::open(context));
  const auto access = TRY(RepositoryAccess::open(context, *session));
  repo::Repository& repository = access->repository();
  const repo::Stats stats = TRY(repo::stats(repository));
  if (context.global.json) {
    auto document = report::document("repo_info");
    document["url"] = access->config().url;
    document["id"] = repository.access().sealer.repository().hex();
    document["created"] = format_time(repository.config().created);
    document["generation"] = repository.access().sealer.generation();
    document["archives"] = stats.archives.size();
    document["packs"] = stats.packs;
    document["pack_bytes"] = stats.pack_bytes;
    document["live_bytes"] = stats.live_bytes;
    document["plain_bytes"] = stats.plain_bytes;
    TRY(context.print(report::json_line(document)));
    return ExitCode::ok;
  }
  TRY(context.print(fmt::format(
      "{}\n  id         {}\n  made       {}\n  archives   {}\n  holds      {} of rows, "
      "in {} stored\n"
      "  packs      {}, {}\n",
      access->store().describe(), repository.access().sealer.repository().hex(),
      format_time(repository.config().created), stats.archives.size(), size_text(stats.plain_bytes),
      size_text(stats.live_bytes), stats.packs, size_text(stats.pack_bytes))));
  return ExitCode::ok;
}

}  // namespace

const Command kRepoInitCommand{
    "repo init", "make the repository that archives go to",
    "Makes the configured repository, and its key file unless it is there. The key is needed for "
    "everything; keep a copy of it elsewhere (`tidemark key recovery-sheet`).",
    "tidemark repo init", run_init};

const Command kRepoInfoCommand{
    "repo info", "show what the repository is and holds",
    "Opens the repository and shows its id, its archives, and what they take.",
    "tidemark repo info", run_info};

}  // namespace tidemark::cli
