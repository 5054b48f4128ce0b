// RepositoryFixture: a repository in memory, with a clock and bytes that a test foretells.
#pragma once

#include <memory>

#include <fmt/format.h>

#include "repo/writer.h"
#include "repo/zstd_coder.h"
#include "tests/support/faulty_store.h"
#include "tests/support/foretold_random.h"
#include "tests/support/manual_clock.h"
#include "tests/support/memory_store.h"

namespace tidemark::test {

struct RepositoryFixture {
  RepositoryFixture() {
    const repo::NewSlot slot{
        .kind = repo::SlotKind::key_file, .label = "first", .made = clock.now(), .cost = {}};
    const Status made = repo::Repository::init(around(), slot, key.secret);
    CHECK(made);
  }

  repo::Surroundings around() { return around(store); }
  repo::Surroundings around(storage::ObjectStore& any) { return {any, random, clock, coder}; }

  std::unique_ptr<repo::Repository> open() { return open(store); }
  std::unique_ptr<repo::Repository> open(storage::ObjectStore& any) {
    auto opened = repo::Repository::open(around(any), key);
    CHECK(opened);
    return *std::move(opened);
  }

  // The rows of a table of that many chunks, on that day: one row in a hundred is another every
  // day.
  static std::vector<Bytes> rows(int chunks, int day, std::string_view table = "orders") {
    std::vector<Bytes> cut;
    for (int chunk = 0; chunk < chunks; ++chunk) {
      Bytes text;
      for (int row = 0; row < 200; ++row) {
        const int changed = (row + chunk) % 100 == 0 ? day : 0;
        text += fmt::format("{}\t{}\t{}\t{}\n", table, chunk, row,
                            (row * 2654435761u + chunk * 40503u + changed * 97u) % 1000003);
      }
      cut.push_back(text);
    }
    return cut;
  }

  struct Archived {
    repo::ObjectName name;
    std::vector<repo::ChunkReference> chunks;
    repo::WriterTally tally;
  };

  // An archive of one table, each chunk a difference to the one of the same place in yesterday.
  static Result<Archived> archive(repo::Repository& repository, const std::vector<Bytes>& rows,
                                  const std::vector<repo::ChunkReference>& yesterday = {},
                                  const repo::WriterOptions& options = {}) {
    auto writer = TRY(repo::Writer::begin(repository, "test", options));
    Archived made;
    repo::Stream stream{.name = "public.orders", .meta = "columns", .rows = 200 * rows.size()};
    for (std::size_t i = 0; i < rows.size(); ++i) {
      std::vector<repo::ChunkId> bases;
      if (i < yesterday.size()) bases.push_back(yesterday[i].id);
      made.chunks.push_back({TRY(writer->add_chunk(rows[i], bases)), i});
      stream.bytes += rows[i].size();
    }
    TRY(writer->add_stream(stream, made.chunks));
    made.name = TRY(writer->commit({.moment = repository.access().clock.now(),
                                    .source = "orders",
                                    .tool_version = "1.2.3",
                                    .facts = {{"server", "15.20"}}}));
    made.tally = writer->tally();
    return made;
  }

  // The joined rows of an archive, read back through a repository that was just opened.
  Result<Bytes> restored(const repo::ObjectName& name) { return restored(store, name); }
  Result<Bytes> restored(storage::ObjectStore& any, const repo::ObjectName& name) {
    auto repository = TRY(repo::Repository::open(around(any), key));
    const repo::Manifest manifest = TRY(repository->load(name));
    Bytes joined;
    for (const repo::Stream& stream : manifest.streams)
      for (const repo::ChunkReference& chunk : TRY(repository->references(stream)))
        joined += TRY(repository->read_chunk(chunk.id));
    return joined;
  }

  static Bytes joined(const std::vector<Bytes>& rows) {
    Bytes all;
    for (const Bytes& part : rows) all += part;
    return all;
  }

  ManualClock clock{"2026-11-22T02:00:00Z"};
  MemoryStore store{clock};
  ForetoldRandom random;
  repo::ZstdCoder coder;
  repo::KeySecret key{repo::KeySecret::Form::key, Secret(std::string(repo::kRootBytes, 'k'))};
};

}  // namespace tidemark::test
