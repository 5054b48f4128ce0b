#include "repo/seal/key_slot.h"

#include <algorithm>

#include <fmt/format.h>

#include "crypto/hash.h"
#include "repo/field_reader.h"
#include "repo/limits.h"

namespace tidemark::repo {
namespace {

constexpr std::size_t kSealedRootBytes = kRootBytes + crypto::kAeadTagBytes;

bool printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

// A slot's bytes, taken apart.
struct Slot {
  SlotFacts facts;
  ByteView before_sealed;  // all that the sealed root is bound to
  ByteView commitment;
  ByteView sealed;
};

Status check_cost(const SlotFacts& facts) {
  const bool fits = facts.kind == SlotKind::password
                        ? crypto::within_bounds(facts.cost)
                        : facts.cost == crypto::Argon2Cost{.passes = 0, .memory_kib = 0};
  if (!fits) return Error{ErrorKind::corrupt, "its password cost is out of bounds"};
  return Done{};
}

Result<Slot> take_apart(ByteView object) {
  Slot slot;
  SlotFacts& facts = slot.facts;
  facts.header = TRY(decode_header(object, ObjectType::key_slot));
  FieldReader reader(object.substr(Header::kBytes));
  const auto kind = reader.integer<std::uint8_t>();
  facts.cost.passes = reader.integer<std::uint8_t>();
  facts.cost.memory_kib = reader.integer<std::uint32_t>();
  facts.made = TimePoint(Millis(reader.integer<std::int64_t>()));
  facts.label = reader.bytes(reader.integer<std::uint8_t>());
  slot.commitment = reader.bytes(crypto::kDigestBytes);
  slot.sealed = reader.bytes(kSealedRootBytes);
  if (!reader.at_end()) return Error{ErrorKind::corrupt, "it has not the length of a key slot"};
  if (kind < 1 || kind > static_cast<std::uint8_t>(SlotKind::password))
    return Error{ErrorKind::unsupported, fmt::format("a newer program wrote it: kind {}", kind)};
  facts.kind = static_cast<SlotKind>(kind);
  if (facts.label.size() > kSlotLabelMax || !printable(facts.label))
    return Error{ErrorKind::corrupt, "its label is not a text"};
  TRY(check_cost(facts));
  slot.before_sealed = object.substr(0, object.size() - kSealedRootBytes);
  return slot;
}

struct SlotKeys {
  Secret wrap;
  Secret commitment;
};

Result<SlotKeys> slot_keys(const SlotFacts& facts, const Secret& secret) {
  const ByteView salt = facts.header.object.view();
  Secret key = secret;
  if (facts.kind == SlotKind::password)
    key = TRY(crypto::argon2id(secret, salt.substr(0, crypto::kArgon2SaltBytes), facts.cost));
  return SlotKeys{
      .wrap = crypto::hkdf_sha256(key, salt, "tidemark slot wrap", crypto::kAeadKeyBytes),
      .commitment = crypto::hkdf_sha256(key, salt, "tidemark slot commit", crypto::kDigestBytes)};
}

Bytes encode_front(const SlotFacts& facts) {
  Bytes bytes = encode_header(facts.header);
  put_le(bytes, static_cast<std::uint8_t>(facts.kind));
  put_le(bytes, facts.cost.passes);
  put_le(bytes, facts.cost.memory_kib);
  put_le(bytes, facts.made.time_since_epoch().count());
  put_le(bytes, static_cast<std::uint8_t>(facts.label.size()));
  return bytes + facts.label;
}

Status check_new(const NewSlot& slot, const Secret& secret) {
  if (slot.label.size() > kSlotLabelMax || !printable(slot.label))
    return Error{
        ErrorKind::invalid_input,
        fmt::format("a key's label has at most {} printable ASCII characters", kSlotLabelMax)};
  if (slot.kind == SlotKind::password && secret.empty())
    return Error{ErrorKind::invalid_input, "the password is empty"};
  if (slot.kind == SlotKind::password && !crypto::within_bounds(slot.cost))
    return Error{ErrorKind::invalid_input, "the password's cost is out of bounds"};
  CHECK(slot.kind == SlotKind::password || secret.reveal().size() == kRootBytes);
  return Done{};
}

}  // namespace

std::string_view kind_name(SlotKind kind) {
  switch (kind) {
    case SlotKind::key_file: return "key file";
    case SlotKind::recovery_sheet: return "recovery sheet";
    case SlotKind::password: return "password";
  }
  return "unknown";
}

Result<Bytes> seal_slot(const NewSlot& slot, const Secret& secret, const RepositoryId& repository,
                        const Roots& roots, crypto::Suite suite, crypto::RandomSource& random) {
  TRY(check_new(slot, secret));
  const SlotFacts facts{.header = {.suite = suite,
                                   .type = ObjectType::key_slot,
                                   .generation = static_cast<std::uint32_t>(roots.size()),
                                   .repository = repository,
                                   .object = ObjectId::from(random.bytes(ObjectId::kBytes))},
                        .kind = slot.kind,
                        .cost = slot.kind == SlotKind::password
                                    ? slot.cost
                                    : crypto::Argon2Cost{.passes = 0, .memory_kib = 0},
                        .made = slot.made,
                        .label = slot.label};
  const SlotKeys keys = TRY(slot_keys(facts, secret));
  Bytes bytes = encode_front(facts);
  bytes += keys.commitment.reveal();
  const Bytes aad = bytes;
  crypto::aead_seal(suite, keys.wrap, 0, aad, roots.back().reveal(), bytes);
  return bytes;
}

Result<SlotFacts> read_slot(ByteView object) { return TRY(take_apart(object)).facts; }

Result<Secret> open_slot(ByteView object, const KeySecret& secret) {
  const Slot slot = TRY(take_apart(object));
  const Error other{ErrorKind::denied, "it is another key's slot"};
  const bool password = slot.facts.kind == SlotKind::password;
  if (password != (secret.form == KeySecret::Form::password)) return other;
  const SlotKeys keys = TRY(slot_keys(slot.facts, secret.secret));
  if (!crypto::equal_in_constant_time(keys.commitment.reveal(), slot.commitment)) return other;
  return Secret(TRY(
      crypto::aead_open(slot.facts.header.suite, keys.wrap, 0, slot.before_sealed, slot.sealed)));
}

}  // namespace tidemark::repo
