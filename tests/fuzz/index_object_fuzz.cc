// decode_index: no payload hurts it, and what it accepts is written again to the byte.
#include <cstdint>

#include "repo/index/index_object.h"

using namespace tidemark;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView payload(reinterpret_cast<const char*>(data), size);
  const repo::RepositoryId repository;
  const auto sections = repo::decode_index(payload, repository);
  if (!sections) return 0;
  Bytes again;
  for (const repo::IndexSection& section : *sections) {
    repo::put_section(again, section.pack);
    const auto alone = repo::decode_section(payload, section.offset, repository);
    CHECK(alone && alone->entries == section.pack.entries);
  }
  CHECK(again == payload);
  return 0;
}
