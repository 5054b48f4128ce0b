#include "repo/seal/envelope.h"

#include <fmt/format.h>

#include "repo/field_reader.h"
#include "repo/limits.h"

namespace tidemark::repo {
namespace {

constexpr std::string_view kMagic = "TIDEMARK";
constexpr std::uint8_t kVersion = 1;

Error newer(std::string_view what) {
  return Error{ErrorKind::unsupported, fmt::format("a newer program wrote it: {}", what),
               "use the newest version of tidemark"};
}

}  // namespace

std::string_view type_name(ObjectType type) {
  switch (type) {
    case ObjectType::config: return "config";
    case ObjectType::key_slot: return "key slot";
    case ObjectType::key_ring: return "key ring";
    case ObjectType::pack: return "pack";
    case ObjectType::index: return "index";
    case ObjectType::manifest: return "manifest";
    case ObjectType::lease: return "lease";
    case ObjectType::mark: return "mark";
    case ObjectType::removal: return "removal";
    case ObjectType::hold: return "hold";
    case ObjectType::distrust: return "record of damage";
  }
  return "object of an unknown type";
}

Bytes encode_header(const Header& header) {
  Bytes bytes(kMagic);
  put_le(bytes, kVersion);
  put_le(bytes, static_cast<std::uint8_t>(header.suite));
  put_le(bytes, static_cast<std::uint8_t>(header.type));
  put_le(bytes, std::uint8_t{0});
  put_le(bytes, header.generation);
  bytes += header.repository.view();
  bytes += header.object.view();
  CHECK(bytes.size() == Header::kBytes);
  return bytes;
}

Result<Header> decode_header(ByteView object, ObjectType expected) {
  FieldReader reader(object);
  const ByteView magic = reader.bytes(kMagic.size());
  const auto version = reader.integer<std::uint8_t>();
  const auto suite = reader.integer<std::uint8_t>();
  const auto type = reader.integer<std::uint8_t>();
  const auto zero = reader.integer<std::uint8_t>();
  Header header;
  header.generation = reader.integer<std::uint32_t>();
  const ByteView repository = reader.bytes(RepositoryId::kBytes);
  const ByteView id = reader.bytes(ObjectId::kBytes);
  if (!reader.good()) return Error{ErrorKind::corrupt, "it is cut short"};
  if (magic != kMagic)
    return Error{ErrorKind::corrupt, "it does not begin as Tidemark's objects do"};
  if (version != kVersion) return newer(fmt::format("format version {}", version));
  if (!crypto::known_suite(suite)) return newer(fmt::format("cipher suite {}", suite));
  if (type != static_cast<std::uint8_t>(expected))
    return Error{ErrorKind::corrupt,
                 fmt::format("it is a {}, not a {}", type_name(static_cast<ObjectType>(type)),
                             type_name(expected))};
  if (zero != 0) return newer("an unknown flag");
  if (header.generation == 0 || header.generation > kGenerationMax)
    return Error{ErrorKind::corrupt, fmt::format("it has key generation {}", header.generation)};
  header.suite = static_cast<crypto::Suite>(suite);
  header.type = expected;
  std::copy(repository.begin(), repository.end(), header.repository.bytes.begin());
  header.object = ObjectId::from(id);
  return header;
}

}  // namespace tidemark::repo
