#include "repo/seal/slots.h"

#include <algorithm>

#include <fmt/format.h>

#include "repo/lasting.h"
#include "repo/limits.h"

namespace tidemark::repo {
namespace {

constexpr std::size_t kSlotBytesMax = 1024;

KeySecret secret_for(SlotKind kind, const Secret& secret) {
  return {kind == SlotKind::password ? KeySecret::Form::password : KeySecret::Form::key, secret};
}

Error no_slot_opens(ObjectStore& store, std::size_t slots) {
  return Error{ErrorKind::denied,
               fmt::format("none of the {} keys of the repository in {} is this one", slots,
                           store.describe()),
               "give the key file, recovery sheet or password that was made for this repository"};
}

}  // namespace

Result<std::vector<StoredSlot>> list_slots(ObjectStore& store, const RepositoryId& repository) {
  const auto names = TRY(names_of(store, ObjectType::key_slot));
  if (names.size() > kSlotsMax)
    return Error{ErrorKind::exhausted, fmt::format("{} has {} key slots; the most is {}",
                                                   store.describe(), names.size(), kSlotsMax)};
  std::vector<StoredSlot> slots;
  for (const ObjectName& name : names) {
    const auto bytes = get_named(store, ObjectType::key_slot, name, kSlotBytesMax);
    if (!bytes && lasting(bytes.error())) continue;
    if (!bytes) return bytes.error();
    const auto facts = read_slot(*bytes);
    if (facts && facts->header.repository == repository) slots.push_back({name, *facts});
  }
  std::sort(slots.begin(), slots.end(), [](const StoredSlot& left, const StoredSlot& right) {
    return std::tie(left.facts.made, left.name) < std::tie(right.facts.made, right.name);
  });
  return slots;
}

Result<Unlocked> unlock(ObjectStore& store, const RepositoryId& repository,
                        const KeySecret& secret) {
  const auto slots = TRY(list_slots(store, repository));
  std::optional<Unlocked> best;
  std::uint32_t newest = 0;
  for (const StoredSlot& slot : slots) {
    newest = std::max(newest, slot.facts.header.generation);
    const Bytes bytes = TRY(get_named(store, ObjectType::key_slot, slot.name, kSlotBytesMax));
    Result<Secret> root = open_slot(bytes, secret);
    if (!root && root.error().kind == ErrorKind::exhausted) return root.error();
    if (!root) continue;
    if (best && best->generation >= slot.facts.header.generation) continue;
    best = Unlocked{*root, slot.facts.header.generation, slot.name};
  }
  if (!best) return no_slot_opens(store, slots.size());
  if (best->generation < newest)
    return Error{ErrorKind::denied, "this key is from before the repository's last re-key",
                 "give the key that the re-key made"};
  return *std::move(best);
}

Status check_generation(ObjectStore& store, const Sealer& sealer) {
  for (const StoredSlot& slot : TRY(list_slots(store, sealer.repository())))
    if (slot.facts.header.generation > sealer.generation())
      return Error{ErrorKind::conflict, "the repository was re-keyed since it was opened",
                   "open it with the key that the re-key made, and do it again"};
  return Done{};
}

Result<ObjectName> add_slot(ObjectStore& store, const NewSlot& slot, const Secret& secret,
                            const Sealer& sealer, crypto::RandomSource& random) {
  const Bytes bytes =
      TRY(seal_slot(slot, secret, sealer.repository(), sealer.roots(), sealer.suite(), random));
  const ObjectName name = TRY(put_named(store, ObjectType::key_slot, bytes));
  // A key that does not open is worse than none: somebody would rely on it.
  const Bytes stored = TRY(get_named(store, ObjectType::key_slot, name, kSlotBytesMax));
  const Secret root = TRY(open_slot(stored, secret_for(slot.kind, secret)));
  CHECK(root.reveal() == sealer.roots().back().reveal());
  return name;
}

Status remove_slot(ObjectStore& store, const Sealer& sealer, const ObjectName& name) {
  bool found = false;
  std::size_t others = 0;
  for (const StoredSlot& slot : TRY(list_slots(store, sealer.repository()))) {
    if (slot.name == name)
      found = true;
    else if (slot.facts.header.generation == sealer.generation())
      ++others;
  }
  if (!found)
    return Error{ErrorKind::not_found,
                 fmt::format("there is no {}", shown(ObjectType::key_slot, name))};
  if (others == 0)
    return Error{
        ErrorKind::unsafe,
        fmt::format("{} is the last that opens the repository", shown(ObjectType::key_slot, name)),
        "add another key first"};
  return store.remove(key_of(ObjectType::key_slot, name));
}

}  // namespace tidemark::repo
