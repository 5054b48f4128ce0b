// read_slot: no bytes hurt it, and what it accepts has a cost within the bounds.
#include <cstdint>

#include "crypto/kdf.h"
#include "repo/limits.h"
#include "repo/seal/key_slot.h"

using namespace tidemark;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto facts = repo::read_slot({reinterpret_cast<const char*>(data), size});
  if (!facts) return 0;
  CHECK(facts->label.size() <= repo::kSlotLabelMax);
  if (facts->kind == repo::SlotKind::password) CHECK(crypto::within_bounds(facts->cost));
  return 0;
}
