// Cutter, hash, codec and difference, each alone. Rows are like those of a web shop's orders, from
// a fixed seed. Rates are of the plain bytes.
#include <random>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "repo/chunk/content_hash.h"
#include "repo/chunk/row_cutter.h"
#include "repo/codec/chunk_codec.h"

namespace {

using namespace tidemark;
using namespace tidemark::repo;

class Orders {
 public:
  explicit Orders(int rows) {
    for (int i = 0; i < rows; ++i) rows_.push_back(row(i));
  }

  // One row in a hundred gets another status and total.
  void live_a_day() {
    for (std::size_t i = 0; i < rows_.size() / 100; ++i) {
      const std::size_t at = random_() % rows_.size();
      rows_[at] = row(static_cast<int>(at));
    }
  }

  Bytes text() const {
    Bytes all;
    for (const std::string& row : rows_) all += row;
    return all;
  }

 private:
  std::string row(int id) {
    static const char* const kStatus[] = {"delivered", "shipped", "paid", "pending"};
    char text[256];
    std::snprintf(text, sizeof(text),
                  "%d\t%08x-%04x-4%03x-9%03x-%012llx\t%u\t%s\t%u.%02u\tEUR\t"
                  "{\"city\": \"%c%c%c%cville\", \"zip\": \"%05u\"}\t2026-%02u-%02u "
                  "%02u:%02u:%02u.%06u+00\t\\N\n",
                  id, number(1u << 31), number(65536), number(4096), number(4096),
                  static_cast<unsigned long long>(number(1u << 31)) << 16, number(200000),
                  kStatus[number(4)], number(900), 10 + number(90), 'A' + number(26),
                  'a' + number(26), 'a' + number(26), 'a' + number(26), number(99999),
                  1 + number(12), 1 + number(28), number(24), number(60), number(60),
                  100001 + number(899999));
    return text;
  }
  unsigned number(unsigned limit) { return static_cast<unsigned>(random_() % limit); }

  std::mt19937 random_{1};
  std::vector<std::string> rows_;
};

constexpr int kChunkRows = 6000;  // about 1 MiB

void count_bytes(benchmark::State& state, std::size_t bytes) {
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * bytes));
}

void content_hash_of_rows(benchmark::State& state) {
  const Bytes row(static_cast<std::size_t>(state.range(0)), 'x');
  for (auto _ : state) benchmark::DoNotOptimize(content_hash(row));
  count_bytes(state, row.size());
}
BENCHMARK(content_hash_of_rows)->Arg(60)->Arg(400)->Arg(1 << 20);

void cut_rows(benchmark::State& state) {
  const Bytes text = Orders(20 * kChunkRows).text();
  for (auto _ : state) {
    std::size_t chunks = 0;
    RowCutter cutter({}, [&](const CutChunk&) -> Status {
      ++chunks;
      return Done{};
    });
    for (std::size_t at = 0; at < text.size(); at += 65536)
      benchmark::DoNotOptimize(static_cast<bool>(cutter.add(ByteView(text).substr(at, 65536))));
    benchmark::DoNotOptimize(chunks);
  }
  count_bytes(state, text.size());
}
BENCHMARK(cut_rows)->Unit(benchmark::kMillisecond);

void encode_whole(benchmark::State& state) {
  const Bytes text = Orders(kChunkRows).text();
  ChunkCodec codec({.level = static_cast<int>(state.range(0))});
  std::size_t stored = 0;
  for (auto _ : state) stored = codec.encode(text)->size();
  count_bytes(state, text.size());
  state.counters["ratio"] = static_cast<double>(text.size()) / static_cast<double>(stored);
}
BENCHMARK(encode_whole)->Arg(1)->Arg(3)->Arg(6)->Unit(benchmark::kMillisecond);

void decode_whole(benchmark::State& state) {
  const Bytes text = Orders(kChunkRows).text();
  ChunkCodec codec;
  const Bytes encoded = *codec.encode(text);
  for (auto _ : state) benchmark::DoNotOptimize(codec.decode(encoded)->data());
  count_bytes(state, text.size());
}
BENCHMARK(decode_whole)->Unit(benchmark::kMillisecond);

void encode_difference(benchmark::State& state) {
  Orders orders(kChunkRows);
  const RowSet before = RowSet::of_text(orders.text());
  orders.live_a_day();
  const Bytes text = orders.text();
  ChunkCodec codec;
  std::size_t stored = 0;
  for (auto _ : state) stored = codec.encode(text, before)->size();
  count_bytes(state, text.size());
  state.counters["ratio"] = static_cast<double>(text.size()) / static_cast<double>(stored);
}
BENCHMARK(encode_difference)->Unit(benchmark::kMillisecond);

// A chain of differences, a day each, on a whole chunk.
void decode_chain(benchmark::State& state) {
  Orders orders(kChunkRows);
  ChunkCodec codec;
  std::vector<Bytes> chain;
  RowSet rows;
  for (int day = 0; day <= state.range(0); ++day) {
    chain.push_back(*codec.encode(orders.text(), rows));
    rows = *codec.decode_rows(chain.back(), rows);
    orders.live_a_day();
  }
  std::size_t bytes = 0;
  for (auto _ : state) {
    RowSet decoded;
    for (const Bytes& encoded : chain) decoded = *codec.decode_rows(encoded, decoded);
    bytes = codec.join(decoded, chain.back())->size();
  }
  count_bytes(state, bytes);
}
BENCHMARK(decode_chain)->Arg(1)->Arg(8)->Arg(16)->Arg(30)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
