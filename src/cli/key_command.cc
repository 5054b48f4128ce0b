// `tidemark key ...`: with what the repository can be opened.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/confirm.h"
#include "cli/database_access.h"
#include "cli/repository_access.h"
#include "repo/seal/key_text.h"
#include "repo/seal/slots.h"
#include "report/json.h"
#include "report/table.h"

namespace tidemark::cli {
namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kShownDigits = 12;

std::string short_name(const repo::ObjectName& name) { return name.hex().substr(0, kShownDigits); }

Result<std::vector<repo::StoredSlot>> slots_of(RepositoryAccess& access) {
  return repo::list_slots(access.store(), access.repository().access().sealer.repository());
}

Result<ExitCode> run_list(Args& args, Context& context) {
  TRY(args.parse());
  const auto session = TRY(Session::open(context));
  const auto access = TRY(RepositoryAccess::open(context, *session));
  auto document = report::document("keys");
  document["keys"] = nlohmann::json::array();
  report::Table table({"KEY", "KIND", "MADE", "LABEL"});
  for (const repo::StoredSlot& slot : TRY(slots_of(*access))) {
    const std::string kind(repo::kind_name(slot.facts.kind));
    table.add({short_name(slot.name), kind, format_time(slot.facts.made), slot.facts.label});
    document["keys"].push_back({{"key", slot.name.hex()},
                                {"kind", kind},
                                {"made", format_time(slot.facts.made)},
                                {"label", slot.facts.label}});
  }
  TRY(context.print(context.global.json ? report::json_line(document) : table.text()));
  return ExitCode::ok;
}

Status add_slot(const Context& context, RepositoryAccess& access, repo::SlotKind kind,
                const std::string& label, const Secret& secret) {
  const repo::NewSlot slot{.kind = kind, .label = label, .made = context.clock.now(), .cost = {}};
  TRY(repo::add_slot(access.store(), slot, secret, access.repository().access().sealer,
                     access.random()));
  return Done{};
}

Result<ExitCode> run_add(Args& args, Context& context) {
  std::optional<std::string> label;
  std::optional<std::string> password_file;
  args.option("--password-file", "FILE", password_file, "the password is this file's first line");
  args.option("--label", "TEXT", label, "what to call it in `key list`");
  TRY(args.parse());
  TRY(require_writable(context, "add a key"));
  if (!password_file)
    return Error{ErrorKind::invalid_input, "no password was given",
                 "name a file with --password-file; for a key on paper use `key recovery-sheet`"};
  const auto session = TRY(Session::open(context));
  const auto access = TRY(RepositoryAccess::open(context, *session));
  const Secret password = TRY(read_password_file(*password_file));
  TRY(add_slot(context, *access, repo::SlotKind::password, label.value_or("password"), password));
  TRY(context.print("the password opens the repository\n"));
  return ExitCode::ok;
}

// A sheet that is printed and opens nothing is found out when it is needed, so it is told at once.
Error useless_sheet(Error error) {
  error = in_context("the sheet that was printed opens nothing", std::move(error));
  error.hint = "destroy it, and print another one";
  return error;
}

// Paper: a key of its own, so that a lost sheet can be taken out without touching the others. It is
// printed first: a stored key that nobody has would pass for one that opens the repository.
Result<ExitCode> run_sheet(Args& args, Context& context) {
  std::optional<std::string> label;
  args.option("--label", "TEXT", label, "what to call it in `key list`");
  TRY(args.parse());
  TRY(require_writable(context, "add a key"));
  const auto session = TRY(Session::open(context));
  const auto access = TRY(RepositoryAccess::open(context, *session));
  const Secret key(access->random().bytes(kKeyBytes));
  TRY(
      context.print(fmt::format("Tidemark recovery sheet, made {}\n"
                                "repository  {}\n"
                                "id          {}\n\n"
                                "These four lines open the repository. Keep them on paper, away "
                                "from its machines. To use them,\n"
                                "write them into a file and name it as key_file in [repository]; "
                                "other lines do no harm.\n\n{}\n",
                                format_time(context.clock.now()), access->config().url,
                                access->repository().access().sealer.repository().hex(),
                                repo::format_key_text(key).reveal())));
  const Status stored = add_slot(context, *access, repo::SlotKind::recovery_sheet,
                                 label.value_or("recovery sheet"), key);
  if (!stored) return useless_sheet(stored.error());
  return ExitCode::ok;
}

std::string key_line(const repo::StoredSlot& slot) {
  return fmt::format("{} ({}, made {}, {})", short_name(slot.name),
                     repo::kind_name(slot.facts.kind), format_time(slot.facts.made),
                     slot.facts.label);
}

// What opens the repository without this one.
Result<std::string> removal_text(RepositoryAccess& access, const repo::StoredSlot& gone) {
  std::string text =
      fmt::format("would remove the key {}\nthen only these open it:\n", key_line(gone));
  for (const repo::StoredSlot& slot : TRY(slots_of(access)))
    if (slot.name != gone.name &&
        slot.facts.header.generation == access.repository().access().sealer.generation())
      text += fmt::format("  {}\n", key_line(slot));
  return text;
}

Result<repo::StoredSlot> find_slot(RepositoryAccess& access, const std::string& wanted) {
  std::vector<repo::StoredSlot> found;
  for (const repo::StoredSlot& slot : TRY(slots_of(access)))
    if (slot.name.hex().starts_with(wanted)) found.push_back(slot);
  if (found.size() != 1)
    return Error{ErrorKind::not_found, fmt::format("{} keys begin with '{}'", found.size(), wanted),
                 "`tidemark key list` shows them"};
  // It is the only one that is known to be in somebody's hands.
  if (found.front().name == access.repository().access().slot)
    return Error{ErrorKind::unsafe,
                 fmt::format("the key {} is the one that opened the repository just now",
                             short_name(found.front().name)),
                 "open it with the key that shall remain (key_file or password_file of "
                 "[repository]), and remove this one then"};
  return found.front();
}

Result<ExitCode> run_remove(Args& args, Context& context) {
  std::string wanted;
  bool dry_run = false;
  bool yes = false;
  args.positional("KEY", wanted, "as `tidemark key list` shows it");
  args.flag("--dry-run", dry_run, "only show which keys would remain");
  args.flag("--yes", yes, "remove it without asking");
  TRY(args.parse());
  TRY(require_writable(context, "remove a key"));
  const auto session = TRY(Session::open(context));
  const auto access = TRY(RepositoryAccess::open(context, *session));
  const repo::StoredSlot slot = TRY(find_slot(*access, wanted));
  const std::string name = short_name(slot.name);
  const std::string plan = TRY(removal_text(*access, slot));
  if (dry_run || !context.global.json) TRY(context.print(plan));
  if (dry_run) return ExitCode::ok;
  TRY(confirm(context, yes, "the removal of the key " + name, name));
  TRY(repo::remove_slot(access->store(), access->repository().access().sealer, slot.name));
  TRY(context.print(fmt::format(
      "the key {} ({}) is gone; whoever copied it before can still read what there was\n", name,
      slot.facts.label)));
  return ExitCode::ok;
}

}  // namespace

const Command kKeyListCommand{"key list", "list the keys of the repository",
                              "Lists with what the repository can be opened. None of it is secret.",
                              "tidemark key list", run_list};

const Command kKeyAddCommand{"key add", "let a password open the repository, too",
                             "Adds a password, which then opens the repository like the key file.",
                             "tidemark key add --password-file /run/secrets/second", run_add};

const Command kKeyRecoverySheetCommand{
    "key recovery-sheet", "print a key for the safe",
    "Makes a further key and prints it, with check characters in each line, for paper. Print it "
    "where nobody else reads: it opens everything.",
    "tidemark key recovery-sheet | lp", run_sheet};

const Command kKeyRemoveCommand{
    "key remove", "take a key out of the repository",
    "Shows which keys remain, asks, and removes the key. The last one is refused, and so is the "
    "one that opened the repository for this command. It is no revocation: whoever copied the "
    "key's slot before can still open what there was until then.",
    "tidemark key remove 3f2a91c04b7d", run_remove};

}  // namespace tidemark::cli
