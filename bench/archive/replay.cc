// Replays days of COPY text (days.sh makes them) through cutter and codec, and prints what each day
// adds and how fast each direction is.
//
//   archive_replay DIRECTORY [DAYS]
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>

#include "repo/chunk/predecessors.h"
#include "repo/chunk/row_cutter.h"
#include "repo/codec/chunk_codec.h"

using namespace tidemark;
using namespace tidemark::repo;

int main(int argc, char** argv) {
  const std::filesystem::path root = argv[1];
  const int days = argc > 2 ? atoi(argv[2]) : 0;
  ChunkCodec codec;
  for (int day = 0; day <= days; ++day) {
    std::map<std::string, std::size_t> stored;
    std::size_t plain = 0, sum = 0;
    double enc = 0, dec = 0;
    for (auto& f : std::filesystem::directory_iterator(root / std::to_string(day))) {
      std::ifstream in(f.path(), std::ios::binary);
      Bytes text((std::istreambuf_iterator<char>(in)), {});
      std::vector<Bytes> chunks;
      RowCutter cutter({}, [&](const CutChunk& c) -> Status {
        chunks.emplace_back(c.bytes);
        return Done{};
      });
      if (!cutter.add(text) || !cutter.finish()) abort();
      std::vector<Bytes> out;
      plain += text.size();
      auto t0 = std::chrono::steady_clock::now();
      for (auto& c : chunks) out.push_back(*codec.encode(c));
      auto t1 = std::chrono::steady_clock::now();
      for (std::size_t i = 0; i < chunks.size(); ++i)
        if (*codec.decode(out[i]) != chunks[i]) abort();
      auto t2 = std::chrono::steady_clock::now();
      enc += std::chrono::duration<double>(t1 - t0).count();
      dec += std::chrono::duration<double>(t2 - t1).count();
      std::size_t n = 0;
      std::map<int, int> forms;
      for (auto& o : out) {
        n += o.size();
        forms[o[0]]++;
      }
      printf("  %-20s %9zu -> %9zu  %.0f / %.0f MB/s", f.path().stem().c_str(), text.size(), n,
             text.size() / 1e6 / std::chrono::duration<double>(t1 - t0).count(),
             text.size() / 1e6 / std::chrono::duration<double>(t2 - t1).count());
      for (auto [k, v] : forms) printf(" %x:%d", k, v);
      puts("");
      sum += n;
    }
    printf("day %d plain %zu stored %zu encode %.0f decode %.0f MB/s\n", day, plain, sum,
           plain / 1e6 / enc, plain / 1e6 / dec);
  }
}
