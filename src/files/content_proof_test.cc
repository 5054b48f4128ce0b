#include "files/content_proof.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "tests/support/memory_bucket.h"

namespace tidemark::files {
namespace {

constexpr std::string_view kContent = "parts of lengths that differ";

std::string md5_of(std::string_view bytes) {
  crypto::Md5 md5;
  md5.update(bytes);
  return md5.finish();
}

std::string etag_of(const std::vector<std::uint64_t>& parts) {
  std::string digests;
  std::size_t at = 0;
  for (const std::uint64_t part : parts) {
    digests += md5_of(kContent.substr(at, part));
    at += part;
  }
  return fmt::format("{}-{}", to_hex(md5_of(digests)), parts.size());
}

// The content comes in pieces of that length.
Status prove(std::string_view content, const std::string& etag,
             const std::vector<std::uint64_t>& parts, std::size_t piece) {
  const FileVersion version{.key = "k", .size = kContent.size(), .etag = etag};
  const VersionState state{.etag_is_of_parts = true, .parts = parts};
  ContentProof proof(version, state);
  for (std::size_t at = 0; at < content.size(); at += piece) proof.add(content.substr(at, piece));
  return proof.finish();
}

TEST(ContentProof, PartsAreAsLongAsTheyCame) {
  const std::vector<std::vector<std::uint64_t>> ways = {
      {28}, {10, 10, 8}, {1, 20, 7}, {20, 1, 7}, {14, 14}, {28, 0}, {1, 1, 26}};
  std::string other(kContent);
  other[20] = 'X';
  for (const auto& parts : ways) {
    for (const std::size_t piece : {1, 3, 10, 28}) {
      const Status proven = prove(kContent, etag_of(parts), parts, piece);
      EXPECT_TRUE(proven) << etag_of(parts);
      EXPECT_EQ(prove(other, etag_of(parts), parts, piece).error().kind, ErrorKind::corrupt);
    }
  }
}

TEST(ContentProof, PartsAreAskedForWhenTheyProveSomething) {
  test::MemoryBucket bucket;
  bucket.parts = {10, 18};
  const FileVersion version{.key = "k", .size = kContent.size()};
  EXPECT_TRUE(look_for_proof(bucket, version)->parts.empty());
  bucket.etags_are_of_parts = true;
  EXPECT_EQ(look_for_proof(bucket, version)->parts, bucket.parts);
  const FileVersion cold{.key = "k", .size = kContent.size(), .storage_class = "GLACIER"};
  EXPECT_TRUE(look_for_proof(bucket, cold)->parts.empty());
}

TEST(ContentProof, WhatIsShorterOrLongerFails) {
  const std::vector<std::uint64_t> parts = {10, 10, 8};
  const std::string longer = std::string(kContent) + "!";
  for (const std::string_view content : {kContent.substr(1), std::string_view(longer)})
    EXPECT_EQ(prove(content, etag_of(parts), parts, 4).error().kind, ErrorKind::corrupt);
}

TEST(ContentProof, PartsThatNobodyTellsLeaveTheSize) {
  EXPECT_TRUE(prove(kContent, etag_of({10, 18}), {}, 5));
  EXPECT_EQ(prove("short", etag_of({10, 18}), {}, 5).error().kind, ErrorKind::corrupt);
}

}  // namespace
}  // namespace tidemark::files
