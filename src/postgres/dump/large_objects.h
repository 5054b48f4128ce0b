// Large objects, read through SQL alone.
//
// libpq's own calls for them trust the server with the client's memory (CVE-2026-6477), and only a
// superuser may read their table. lo_get asks for no more than SELECT on the object, and reads in
// the transaction's snapshot.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "postgres/conn/connection.h"

namespace tidemark::postgres {

struct LargeObject {
  std::uint32_t oid = 0;
  std::string owner;                   // not quoted
  std::string grants;                  // GRANT and REVOKE statements, or empty
  std::optional<std::string> comment;  // not quoted
};

inline constexpr std::size_t kLargeObjectsAtOnce = 10'000;

// Those with a higher oid than this, in the order of oids, at most kLargeObjectsAtOnce. Fewer are
// the last.
Result<std::vector<LargeObject>> read_large_objects(Connection& connection, std::uint32_t after);

// Called with one piece after the other; the pieces of an object come together and in order, and
// end with an empty one.
using LargeObjectSink = std::function<Status(std::uint32_t oid, ByteView piece)>;

// The contents, in the order of `objects`. Memory is bounded, however large they are.
Status copy_large_objects(Connection& connection, const std::vector<LargeObject>& objects,
                          const LargeObjectSink& sink);

// "\x0aff", as the server writes bytes. Fails with corrupt.
Result<Bytes> decode_bytea(std::string_view text);

}  // namespace tidemark::postgres
