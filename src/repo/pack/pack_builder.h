// PackBuilder: one pack, gathered in memory. docs/repository-format.md#packs is normative.
#pragma once

#include "repo/pack/pack_entry.h"
#include "repo/seal/sealer.h"

namespace tidemark::repo {

// What must be known of a pack to read a chunk of it.
struct PackFacts {
  ObjectName name;
  Header header;            // of the pack: its object id, generation and suite make its key
  std::uint32_t bytes = 0;  // of the whole object
  std::vector<PackEntry> entries;
};

struct BuiltPack {
  PackFacts facts;
  Bytes object;
};

class PackBuilder {
 public:
  explicit PackBuilder(const Sealer& sealer);

  // Seals the encoded chunk behind the others, and opens it again. entry.stored_bytes is filled in
  // here. There must be room().
  void add(PackEntry entry, ByteView encoded);

  bool empty() const { return entries_.empty(); }
  // Whether another chunk of any size fits.
  bool room() const;
  std::size_t bytes() const { return object_.size(); }

  // Index and footer; nothing may follow.
  BuiltPack finish();

 private:
  ObjectSeal seal_;
  Bytes object_;
  Bytes index_;
  std::vector<PackEntry> entries_;
};

}  // namespace tidemark::repo
