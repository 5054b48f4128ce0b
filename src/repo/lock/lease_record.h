// One record of a lease. docs/repository-format.md#leases is normative.
#pragma once

#include <optional>
#include <string>

#include "repo/lock/lease.h"

namespace tidemark::repo {

struct LeaseRecord {
  LeaseId id;
  std::uint32_t number = 0;
  bool ended = false;
  LeaseKind kind = LeaseKind::writer;
  std::string owner;

  friend bool operator==(const LeaseRecord&, const LeaseRecord&) = default;
};

Bytes encode_lease_record(const LeaseRecord& record);
Result<LeaseRecord> decode_lease_record(ByteView payload);

std::string lease_key(const LeaseId& id, std::uint32_t number);

// Id and number in a key; empty when it is not the key of a record.
std::optional<std::pair<LeaseId, std::uint32_t>> parse_lease_key(std::string_view key);

}  // namespace tidemark::repo
