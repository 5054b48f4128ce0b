// `tidemark key change-password` and `tidemark key rekey`: other secrets for the same repository.
#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/database_access.h"
#include "cli/key_file.h"
#include "cli/repository_access.h"
#include "repo/seal/slots.h"
#include "repo/upkeep/rekey.h"
#include "report/json.h"

namespace tidemark::cli {
namespace {

Result<ExitCode> run_change_password(Args& args, Context& context) {
  std::optional<std::string> file;
  args.option("--password-file", "FILE", file, "the new password is this file's first line");
  TRY(args.parse());
  TRY(require_writable(context, "change a password"));
  if (!file)
    return Error{ErrorKind::invalid_input, "no new password was given",
                 "name a file with --password-file"};
  const auto session = TRY(Session::open(context));
  const auto access = TRY(RepositoryAccess::open(context, *session));
  const repo::KeySecret old = TRY(repository_secret(context, access->config()));
  if (old.form != repo::KeySecret::Form::password)
    return Error{ErrorKind::invalid_input, "the configuration opens the repository by a key file",
                 "add a password with `tidemark key add`; take one out with `tidemark key remove`"};
  const repo::Sealer& sealer = access->repository().access().sealer;
  const Secret password = TRY(read_password_file(*file));
  const repo::Unlocked was = TRY(repo::unlock(access->store(), sealer.repository(), old));
  const repo::NewSlot slot{.kind = repo::SlotKind::password,
                           .label = "password",
                           .made = context.clock.now(),
                           .cost = {}};
  // The new one first: cut off in between, both open.
  TRY(repo::add_slot(access->store(), slot, password, sealer, access->random()));
  TRY(repo::remove_slot(access->store(), sealer, was.slot));
  TRY(context.print(
      "the new password opens the repository, the old one no longer does\n"
      "  -> put it where password_file or password_command of [repository] gives it\n"
      "  -> who had the old one and copied the bucket before can still read what there was: "
      "`tidemark key rekey` protects what comes\n"));
  return ExitCode::ok;
}

struct NewSecret {
  config::Repository config;  // as it is to be written
  repo::SlotKind kind = repo::SlotKind::key_file;
};

Result<NewSecret> wanted_secret(const config::Repository& now,
                                const std::optional<std::string>& key_file,
                                const std::optional<std::string>& password_file) {
  if (key_file.has_value() == password_file.has_value())
    return Error{ErrorKind::invalid_input, "give one of --new-key-file and --new-password-file",
                 "a key file that is not there yet is made"};
  NewSecret fresh{.config = now};
  fresh.config.key_file = key_file.value_or("");
  fresh.config.password_file = password_file.value_or("");
  fresh.config.password_command.clear();
  if (password_file) fresh.kind = repo::SlotKind::password;
  return fresh;
}

// Ends a re-key that was cut off behind its first new slot: then the new secret opens already.
Result<std::optional<repo::RekeyReport>> finish_rekey(RepositoryAccess& access,
                                                      const repo::KeySecret& secret) {
  const auto opened = repo::Repository::open(access.surroundings(), secret);
  if (!opened && opened.error().kind == ErrorKind::denied)
    return std::optional<repo::RekeyReport>();
  if (!opened) return opened.error();
  repo::RekeyReport report{.generation = (*opened)->access().sealer.generation()};
  TRY(repo::remove_outdated_slots((*opened)->access(), report));
  if (report.slots_removed + report.slots_left > 0) return std::optional(report);
  return Error{ErrorKind::conflict, "that key opens the repository already",
               "name a file that is not there yet; it is made"};
}

// A key that was made for it goes again when it is certain that no slot of it was stored.
Result<repo::RekeyReport> rekey(RepositoryAccess& access, const repo::NewSlot& slot,
                                const repo::KeySecret& secret, const std::string& made_file) {
  const auto before = repo::names_of(access.store(), repo::ObjectType::key_slot);
  auto report = repo::rekey(access.repository(), {{slot, secret.secret}}, access.owner());
  if (report || made_file.empty()) return report;
  const auto after = repo::names_of(access.store(), repo::ObjectType::key_slot);
  const bool unused = !outcome_unknown(report.error()) && before && after && *before == *after;
  return failed_with_key_file(made_file, unused, report.error());
}

Status show_rekey(const Context& context, RepositoryAccess& access) {
  std::string text = "a re-key would put these keys out of use:\n";
  const repo::RepositoryId& id = access.repository().access().sealer.repository();
  for (const repo::StoredSlot& slot : TRY(repo::list_slots(access.store(), id)))
    text += fmt::format("  {}  {}  {}\n", slot.name.hex().substr(0, 12),
                        repo::kind_name(slot.facts.kind), slot.facts.label);
  return context.print(text + "nothing was changed; add --yes to do it\n");
}

Result<ExitCode> run_rekey(Args& args, Context& context) {
  std::optional<std::string> key_file;
  std::optional<std::string> password_file;
  bool yes = false;
  args.option("--new-key-file", "FILE", key_file, "the new key; made when it is not there");
  args.option("--new-password-file", "FILE", password_file, "the new password is its first line");
  args.flag("--yes", yes, "do it");
  TRY(args.parse());
  const auto session = TRY(Session::open(context));
  const config::Repository configured = TRY(require_repository(*session));
  const NewSecret fresh = TRY(wanted_secret(configured, key_file, password_file));
  if (!yes) {
    const auto access = TRY(RepositoryAccess::open(context, *session));
    TRY(show_rekey(context, *access));
    return ExitCode::ok;
  }
  TRY(require_writable(context, "re-key"));
  std::error_code ignored;
  const auto store = TRY(RepositoryAccess::open_store(context, *session, false));
  std::unique_ptr<RepositoryAccess> access;
  // Before a key is made for it.
  if (key_file && !std::filesystem::exists(*key_file, ignored))
    access = TRY(RepositoryAccess::open(context, *session));
  bool made = false;
  const repo::KeySecret secret =
      TRY(make_or_read_key(context, fresh.config, store->random(), made));
  std::optional<repo::RekeyReport> report;
  if (!made) report = TRY(finish_rekey(*store, secret));
  if (!report && !access) access = TRY(RepositoryAccess::open(context, *session));
  const repo::NewSlot slot{.kind = fresh.kind,
                           .label = std::string(repo::kind_name(fresh.kind)),
                           .made = context.clock.now(),
                           .cost = {}};
  if (!report) report = TRY(rekey(*access, slot, secret, made ? *key_file : ""));
  auto document = report::document("rekey");
  document["generation"] = report->generation;
  document["slots_removed"] = report->slots_removed;
  document["slots_left"] = report->slots_left;
  const std::string file =
      key_file ? "key_file = " + *key_file : "password_file = " + *password_file;
  std::string text = fmt::format(
      "re-keyed: what comes is sealed under a new root (generation {}); {} old keys are gone\n"
      "  -> write into [repository], on every machine: {}\n"
      "  -> print a new copy for the safe: tidemark key recovery-sheet\n",
      report->generation, report->slots_removed, file);
  if (report->slots_left > 0)
    text += fmt::format("  {} old keys stay: the store does not let them go\n", report->slots_left);
  TRY(context.print(context.global.json ? report::json_line(document) : text));
  return ExitCode::ok;
}

}  // namespace

const Command kKeyChangePasswordCommand{
    "key change-password", "let another password open the repository instead",
    "Adds the new password, then takes out the one that the configuration gives. It is no "
    "revocation: see `key rekey`.",
    "tidemark key change-password --password-file /run/secrets/new", run_change_password};

const Command kKeyRekeyCommand{
    "key rekey", "give the repository a new root, and one new key",
    "Makes a new root for all that comes, and takes every earlier key out: key files, passwords "
    "and "
    "recovery sheets. Whoever has an earlier key reads what was sealed before if he copied it, and "
    "nothing that comes. Nobody else may work in the repository meanwhile. If it is cut off, run "
    "the same again. Without --yes it shows which keys would go.",
    "tidemark key rekey --new-key-file /etc/tidemark/repository-2.key --yes", run_rekey};

}  // namespace tidemark::cli
