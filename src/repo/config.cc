#include "repo/config.h"

#include "repo/limits.h"
#include "repo/name_list.h"

namespace tidemark::repo {
namespace {

constexpr std::size_t kReservedBytes = 32;

}  // namespace

Bytes encode_config(const Config& config) {
  Bytes bytes;
  put_le(bytes, config.created.time_since_epoch().count());
  put_le(bytes, static_cast<std::uint8_t>(config.suite));
  bytes.append(kReservedBytes, '\0');
  return bytes;
}

Result<Config> decode_config(ByteView payload) {
  FieldReader reader(payload);
  Config config;
  config.created = TimePoint(Millis(reader.integer<std::int64_t>()));
  const auto suite = reader.integer<std::uint8_t>();
  const ByteView reserved = reader.bytes(kReservedBytes);
  if (!reader.at_end()) return Error{ErrorKind::corrupt, "the config has not its length"};
  if (!crypto::known_suite(suite) || reserved.find_first_not_of('\0') != ByteView::npos)
    return Error{ErrorKind::unsupported, "a newer program made the repository",
                 "use the newest version of tidemark"};
  config.suite = static_cast<crypto::Suite>(suite);
  return config;
}

Result<RepositoryId> repository_of_config(ByteView object) {
  return TRY(decode_header(object, ObjectType::config)).repository;
}

Bytes encode_key_ring(const KeyRing& ring) {
  Bytes bytes;
  put_le(bytes, static_cast<std::uint32_t>(ring.earlier.size()));
  for (const Secret& root : ring.earlier) bytes += root.reveal();
  put_names(bytes, ring.manifests);
  put_names(bytes, ring.indexes);
  return bytes;
}

Result<KeyRing> decode_key_ring(ByteView payload) {
  FieldReader reader(payload);
  KeyRing ring;
  const std::size_t roots = reader.count<std::uint32_t>(kGenerationMax, kRootBytes);
  for (std::size_t i = 0; i < roots; ++i)
    ring.earlier.emplace_back(Bytes(reader.bytes(kRootBytes)));
  ring.manifests = take_names(reader);
  ring.indexes = take_names(reader);
  if (!reader.at_end() || roots == 0)
    return Error{ErrorKind::corrupt, "the key ring has not its length"};
  return ring;
}

}  // namespace tidemark::repo
