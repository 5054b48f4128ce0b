// A key slot: the newest root of a repository, wrapped under one secret.
//
// docs/repository-format.md#key-slots is normative. Pure but for the RandomSource; seal/keys.h puts
// slots into a store.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/secret.h"
#include "base/time.h"
#include "crypto/kdf.h"
#include "repo/seal/sealer.h"

namespace tidemark::repo {

enum class SlotKind : std::uint8_t {
  key_file = 1,
  recovery_sheet = 2,
  password = 3,
};

std::string_view kind_name(SlotKind kind);  // "recovery sheet"

// What somebody opens a repository with: the 32 bytes of a key file or sheet, or a password.
struct KeySecret {
  enum class Form { key, password };

  Form form = Form::key;
  Secret secret;
};

// What a slot says to everybody.
struct SlotFacts {
  Header header;
  SlotKind kind = SlotKind::key_file;
  crypto::Argon2Cost cost;  // of a password
  TimePoint made;
  std::string label;
};

struct NewSlot {
  SlotKind kind = SlotKind::key_file;
  std::string label;  // printable ASCII, at most 64
  TimePoint made;
  crypto::Argon2Cost cost;  // of a password
};

// Wraps the newest root. Fails with invalid_input on a bad label, an empty password or a cost out
// of bounds.
Result<Bytes> seal_slot(const NewSlot& slot, const Secret& secret, const RepositoryId& repository,
                        const Roots& roots, crypto::Suite suite, crypto::RandomSource& random);

Result<SlotFacts> read_slot(ByteView object);

// The root. Fails with denied when the secret is not this slot's, and with corrupt when it is and
// the slot is damaged all the same.
Result<Secret> open_slot(ByteView object, const KeySecret& secret);

}  // namespace tidemark::repo
