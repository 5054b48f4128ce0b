// RowCutter: the chunks are the table again, none is too long, and how bytes come is of no account.
#include <cstdint>
#include <vector>

#include "repo/chunk/row_cutter.h"

using namespace tidemark;
using namespace tidemark::repo;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView table(reinterpret_cast<const char*>(data), size);
  const CutSizes sizes{.average_bytes = 32};
  std::vector<Bytes> chunks;
  RowCutter whole(sizes, [&](const CutChunk& chunk) -> Status {
    CHECK(!chunk.bytes.empty() && chunk.bytes.size() <= sizes.long_row_bytes());
    chunks.emplace_back(chunk.bytes);
    return Done{};
  });
  CHECK(whole.add(table) && whole.finish());
  Bytes joined;
  for (const Bytes& chunk : chunks) joined += chunk;
  CHECK(joined == table);

  std::size_t next = 0;
  RowCutter piecewise(sizes, [&](const CutChunk& chunk) -> Status {
    CHECK(next < chunks.size() && chunks[next] == chunk.bytes);
    ++next;
    return Done{};
  });
  const std::size_t piece = size > 0 ? 1 + data[0] % 40u : 1;
  for (std::size_t at = 0; at < size; at += piece) CHECK(piecewise.add(table.substr(at, piece)));
  CHECK(piecewise.finish() && next == chunks.size());
  return 0;
}
