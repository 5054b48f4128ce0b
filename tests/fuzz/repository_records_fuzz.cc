// The small records of a repository: the first byte chooses which. What a decoder accepts is
// written again to the byte.
#include <cstdint>

#include "repo/config.h"
#include "repo/lock/lease_record.h"
#include "repo/manifest/history.h"
#include "repo/upkeep/distrust.h"
#include "repo/upkeep/hold.h"
#include "repo/upkeep/mark.h"

using namespace tidemark;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView payload(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 10) {
    case 0:
      if (const auto config = repo::decode_config(payload))
        CHECK(repo::encode_config(*config) == payload);
      break;
    case 1:
      if (const auto ring = repo::decode_key_ring(payload))
        CHECK(repo::encode_key_ring(*ring) == payload);
      break;
    case 2:
      if (const auto record = repo::decode_lease_record(payload))
        CHECK(repo::encode_lease_record(*record) == payload);
      break;
    case 3:
      if (const auto mark = repo::decode_mark(payload)) CHECK(repo::encode_mark(*mark) == payload);
      break;
    case 4:
      if (const auto names = repo::decode_removal(payload))
        CHECK(repo::encode_removal(*names) == payload);
      break;
    case 5:
      if (const auto seen = repo::decode_last_seen(payload))
        CHECK(repo::encode_last_seen(*seen) == payload);
      break;
    case 6:
      if (const auto list = repo::decode_references(payload))
        CHECK(repo::encode_references(*list) == payload);
      break;
    case 7:
      if (const auto hold = repo::decode_hold(payload)) CHECK(repo::encode_hold(*hold) == payload);
      break;
    case 9:
      if (const auto distrust = repo::decode_distrust(payload))
        CHECK(repo::encode_distrust(*distrust) == payload);
      break;
    default:
      if (const auto key = repo::parse_lease_key(payload))
        CHECK(repo::lease_key(key->first, key->second) == payload);
  }
  return 0;
}
