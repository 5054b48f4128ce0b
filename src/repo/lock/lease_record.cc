#include "repo/lock/lease_record.h"

#include <fmt/format.h>

#include "repo/field_reader.h"
#include "repo/limits.h"

namespace tidemark::repo {
namespace {

constexpr std::size_t kIdBytes = 16;
constexpr std::size_t kNumberDigits = 8;
constexpr std::string_view kFolder = "leases/";

Bytes from_digits(std::string_view digits) {
  // Id::from_hex knows 32 bytes only.
  const auto id = LeaseId(digits) + LeaseId(2 * kIdBytes, '0');
  return Bytes(ChunkId::from_hex(id)->view().substr(0, kIdBytes));
}

bool consists_of(std::string_view text, std::string_view characters) {
  return text.find_first_not_of(characters) == std::string_view::npos;
}

}  // namespace

Bytes encode_lease_record(const LeaseRecord& record) {
  Bytes payload = from_digits(record.id);
  put_le(payload, record.number);
  put_le(payload, static_cast<std::uint8_t>(record.ended ? 2 : 1));
  put_le(payload, static_cast<std::uint8_t>(record.kind));
  put_text(payload, record.owner);
  return payload;
}

Result<LeaseRecord> decode_lease_record(ByteView payload) {
  FieldReader reader(payload);
  LeaseRecord record;
  record.id = to_hex(reader.bytes(kIdBytes));
  record.number = reader.integer<std::uint32_t>();
  const auto state = reader.integer<std::uint8_t>();
  const auto kind = reader.integer<std::uint8_t>();
  record.owner = reader.text(kOwnerBytesMax);
  if (!reader.at_end() || state < 1 || state > 2 || kind < 1 || kind > 3)
    return Error{ErrorKind::corrupt, "the record of the lease is not well formed"};
  record.ended = state == 2;
  record.kind = static_cast<LeaseKind>(kind);
  return record;
}

std::string lease_key(const LeaseId& id, std::uint32_t number) {
  return fmt::format("{}{}-{:08}", kFolder, id, number);
}

std::optional<std::pair<LeaseId, std::uint32_t>> parse_lease_key(std::string_view key) {
  if (key.size() != kFolder.size() + 2 * kIdBytes + 1 + kNumberDigits) return {};
  const std::string_view id = key.substr(kFolder.size(), 2 * kIdBytes);
  const std::string_view number = key.substr(key.size() - kNumberDigits);
  if (!key.starts_with(kFolder) || key[kFolder.size() + 2 * kIdBytes] != '-' ||
      !consists_of(id, "0123456789abcdef") || !consists_of(number, "0123456789"))
    return {};
  return std::pair(LeaseId(id), static_cast<std::uint32_t>(std::stoul(std::string(number))));
}

}  // namespace tidemark::repo
