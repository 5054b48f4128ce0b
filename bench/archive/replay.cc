// Replays days of a database (days.sh makes them) through cutter and codec: what each day adds, and
// how fast a core is in either direction.
//
//   archive_replay DIRECTORY [days=N] [depth=N] [level=N] [skip=1] [tables=1] [restores=N]
//
// depth: the longest chain of differences; a chunk at its end is stored whole. skip: the reference
// is not the day before but the day whose number has the lowest set bit cleared, so that chains
// grow with the logarithm of the days. Bytes include what sealing and listing will cost: 28 a
// stored chunk, 36 a new entry of the manifest and 4 an old one. Times are of the thread's CPU,
// without hashing for ids and sealing. The last day is restored and compared.
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <deque>
#include <filesystem>
#include <fstream>
#include <map>
#include <unordered_map>

#include "repo/chunk/content_hash.h"
#include "repo/chunk/predecessors.h"
#include "repo/chunk/row_cutter.h"
#include "repo/codec/chunk_codec.h"

using namespace tidemark;
using namespace tidemark::repo;

namespace {

struct Options {
  int days = 7;
  int depth = 1000;
  int level = CodecOptions{}.level;
  int restores = 1;
  bool skip = false;
  bool tables = false;
};

double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

constexpr std::size_t kKeptMax = 128;  // decoded chunks

struct StoredChunk {
  Bytes encoded;
  std::vector<std::size_t> references;  // in the store
  int depth = 0;
};

struct TableChunk {
  ChunkSpan span;
  std::size_t stored;
};

using Table = std::vector<TableChunk>;

class Replay {
 public:
  Replay(std::filesystem::path root, Options options)
      : root_(std::move(root)), options_(options), codec_({.level = options.level}) {}

  void run() {
    for (int day = 0; day <= options_.days; ++day) run_day(day);
    for (int i = 0; i < options_.restores; ++i) restore(options_.days);
  }

 private:
  struct Totals {
    std::size_t plain = 0;
    std::size_t added = 0;
    std::size_t fresh = 0;
    std::size_t differences = 0;
    double cut = 0;
    double encode = 0;
  };

  static Bytes read(const std::filesystem::path& path) {
    Bytes bytes(std::filesystem::file_size(path), '\0');
    std::ifstream(path, std::ios::binary).read(bytes.data(), std::streamsize(bytes.size()));
    return bytes;
  }

  int reference_day(int day) const { return options_.skip ? day & (day - 1) : day - 1; }

  void run_day(int day) {
    Totals totals;
    for (const auto& file : std::filesystem::directory_iterator(root_ / std::to_string(day))) {
      const std::string name = file.path().stem();
      const std::size_t before = totals.added;
      run_table(day, name, read(file.path()), totals);
      if (options_.tables)
        std::printf("    %-20s %10.3f MB\n", name.c_str(), 1e-6 * double(totals.added - before));
    }
    const double all = totals.cut + totals.encode;
    std::printf("day %d: %.1f MB, added %.3f MB; %zu new chunks, %zu differences; %.0f MB/s\n", day,
                1e-6 * double(totals.plain), 1e-6 * double(totals.added), totals.fresh,
                totals.differences, 1e-6 * double(totals.plain) / all);
    if (day > 0) sum_ += totals.added;
    if (day > 0) seconds_ += all;
    if (day > 0) plain_ += totals.plain;
  }

  void run_table(int day, const std::string& name, const Bytes& text, Totals& totals) {
    std::vector<CutChunk> cuts;
    std::vector<std::unique_ptr<Bytes>> texts;
    RowCutter cutter({}, [&](const CutChunk& chunk) -> Status {
      texts.push_back(std::make_unique<Bytes>(chunk.bytes));
      cuts.push_back({*texts.back(), chunk.start_mark, chunk.end_mark});
      return Done{};
    });
    const double begin = cpu_seconds();
    CHECK(cutter.add(text) && cutter.finish());
    totals.cut += cpu_seconds() - begin;

    const Table* old = day > 0 ? &tables_[reference_day(day)][name] : nullptr;
    std::vector<ChunkSpan> spans;
    if (old != nullptr)
      for (const TableChunk& chunk : *old) spans.push_back(chunk.span);
    Predecessors predecessors(std::move(spans));
    Table& table = tables_[day][name];
    for (const CutChunk& cut : cuts) {
      const ChunkSpan span{cut.start_mark, cut.end_mark, cut.bytes.size()};
      const PredecessorRange range = predecessors.find(span);
      const auto [known, fresh] =
          by_content_.emplace(content_hash(cut.bytes) ^ cut.bytes.size(), store_.size());
      table.push_back({span, known->second});
      totals.added += 4;
      if (!fresh) continue;
      const double start = cpu_seconds();
      store_.push_back(encoded(cut.bytes, old, range));
      totals.encode += cpu_seconds() - start;
      totals.added += store_.back().encoded.size() + 28 + 32;
      ++totals.fresh;
      totals.differences += store_.back().references.empty() ? 0 : 1;
    }
    totals.plain += text.size();
  }

  StoredChunk encoded(ByteView plain, const Table* old, PredecessorRange range) {
    StoredChunk chunk;
    RowSet reference;
    for (std::size_t i = range.first; i < range.first + range.count; ++i) {
      const std::size_t stored = (*old)[i].stored;
      chunk.references.push_back(stored);
      chunk.depth = std::max(chunk.depth, store_[stored].depth + 1);
    }
    if (chunk.depth > options_.depth) chunk.references.clear();
    for (const std::size_t stored : chunk.references) reference.append(rows_of(stored));
    chunk.encoded = *codec_.encode(plain, reference);
    if (!read_chunk_head(chunk.encoded)->needs_reference()) {
      chunk.references.clear();
      chunk.depth = 0;
    }
    return chunk;
  }

  // Neighbours share predecessors when a cut has moved: what was decoded lately is kept.
  const RowSet& rows_of(std::size_t stored) {
    if (const auto known = decoded_.find(stored); known != decoded_.end()) return known->second;
    const StoredChunk& chunk = store_[stored];
    RowSet joined;
    for (const std::size_t other : chunk.references)
      if (chunk.references.size() > 1) joined.append(rows_of(other));
    // One reference is most common, and is used where it is.
    const RowSet& reference = chunk.references.size() == 1 ? rows_of(chunk.references[0]) : joined;
    ++decodes_;
    RowSet rows = *codec_.decode_rows(chunk.encoded, reference);
    order_.push_back(stored);
    if (order_.size() > kKeptMax) {
      decoded_.erase(order_.front());
      order_.pop_front();
    }
    return decoded_[stored] = std::move(rows);
  }

  void restore(int day) {
    double seconds = 0;
    std::size_t bytes = 0;
    std::size_t chunks = 0;
    int depth = 0;
    decoded_.clear();
    order_.clear();
    decodes_ = 0;
    for (const auto& [name, table] : tables_[day]) {
      const Bytes expected = read(root_ / std::to_string(day) / (name + ".copy"));
      std::size_t at = 0;
      for (const TableChunk& chunk : table) {
        depth = std::max(depth, store_[chunk.stored].depth);
        const double begin = cpu_seconds();
        const Bytes text = *codec_.join(rows_of(chunk.stored), store_[chunk.stored].encoded);
        seconds += cpu_seconds() - begin;
        CHECK(ByteView(expected).substr(at, text.size()) == text);
        at += text.size();
      }
      CHECK(at == expected.size());
      bytes += at;
      chunks += table.size();
    }
    std::printf(
        "mean added a day %.3f MB at %.0f MB/s; day %d restored at %.0f MB/s, depth %d, "
        "%.1f decodes a chunk\n",
        1e-6 * double(sum_) / std::max(options_.days, 1),
        options_.days > 0 ? 1e-6 * double(plain_) / seconds_ : 0, day,
        1e-6 * double(bytes) / seconds, depth, double(decodes_) / double(chunks));
  }

  std::filesystem::path root_;
  Options options_;
  ChunkCodec codec_;
  std::vector<StoredChunk> store_;
  std::unordered_map<std::uint64_t, std::size_t> by_content_;
  std::unordered_map<std::size_t, RowSet> decoded_;
  std::deque<std::size_t> order_;
  std::size_t decodes_ = 0;
  std::map<int, std::map<std::string, Table>> tables_;
  std::size_t sum_ = 0;
  std::size_t plain_ = 0;
  double seconds_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: archive_replay DIRECTORY [days=N] [depth=N] [level=N] [skip=1]\n");
    return 2;
  }
  Options options;
  for (int i = 2; i < argc; ++i) {
    const std::string argument = argv[i];
    const std::size_t equals = argument.find('=');
    if (equals == std::string::npos) return 2;
    const std::string key = argument.substr(0, equals);
    const int value = std::atoi(argument.c_str() + equals + 1);
    if (key == "days") options.days = value;
    if (key == "depth") options.depth = value;
    if (key == "level") options.level = value;
    if (key == "restores") options.restores = value;
    if (key == "skip") options.skip = value != 0;
    if (key == "tables") options.tables = value != 0;
  }
  Replay(argv[1], options).run();
}
