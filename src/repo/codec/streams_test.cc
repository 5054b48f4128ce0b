#include "repo/codec/streams.h"

#include <random>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "repo/codec/integers.h"

namespace tidemark::repo {
namespace {

Bytes written(StreamWriter& writer) {
  ZstdFrames zstd;
  Bytes out;
  writer.write(zstd, 3, out);
  return out;
}

Result<StreamReader> open(ByteView stored, std::size_t bytes_max = 1 << 20) {
  ZstdFrames zstd;
  return StreamReader::open(stored, bytes_max, zstd);
}

TEST(Streams, ComeBackInOrderHoweverTheyAreStored) {
  EXPECT_TRUE(rc::check([](const std::vector<std::string>& streams, const std::string& head) {
    StreamWriter writer;
    writer.head() = head;
    writer.add(Bytes(5000, 'x'));
    for (const auto& stream : streams) writer.add(stream);
    StreamReader left = *open(written(writer));
    RC_ASSERT(left.head().rest() == head);
    RC_ASSERT(left.next() == Bytes(5000, 'x'));
    for (const auto& stream : streams) RC_ASSERT(left.next() == stream);
    RC_ASSERT(left.at_end());
    left.next();
    RC_ASSERT(left.head().failed());
  }));
}

TEST(Streams, AreRefusedBeforeTheyTakeMoreThanTheyMay) {
  StreamWriter writer;
  writer.add(Bytes(100000, 'x'));
  const Bytes stored = written(writer);
  EXPECT_TRUE(open(stored, 100000));
  EXPECT_FALSE(open(stored, 99999));
}

TEST(Streams, AreRefusedWhenTheirListIsDamaged) {
  EXPECT_FALSE(open(""));
  EXPECT_FALSE(open(Bytes("\x01\x00", 2)));              // no modelled numbers
  EXPECT_TRUE(open(Bytes("\x02\x00\x00", 3)));           // both empty
  EXPECT_FALSE(open(Bytes("\x02\x03\x00", 3)));          // an unknown method
  EXPECT_FALSE(open(Bytes("\x02\x08\x00\x61", 4)));      // a body too short
  EXPECT_FALSE(open(Bytes("\x02\x00\x00\x61", 4)));      // a loose end
  EXPECT_FALSE(open(Bytes("\xff\xff\xff\xff\x0f", 5)));  // too many
}

std::vector<std::int64_t> through_integers(const std::vector<std::int64_t>& values) {
  StreamWriter writer;
  write_integers(values, writer);
  StreamReader reader = *open(written(writer));
  IntegerReader integers(reader, values.size());
  EXPECT_FALSE(reader.head().failed());
  std::vector<std::int64_t> again(values.size());
  // In pieces of odd sizes, as batches are.
  const std::size_t half = values.size() / 2 + values.size() % 2;
  integers.read(std::span(again).first(half));
  integers.read(std::span(again).subspan(half));
  return again;
}

TEST(Integers, ComeBackFromModelAndPlanes) {
  EXPECT_TRUE(rc::check([](std::vector<std::int64_t> values, bool longer) {
    for (auto& value : values) value /= 4;  // so that any two are less than 2^63 apart
    for (int i = 0; longer && i < 10 && !values.empty(); ++i)
      values.insert(values.end(), values.begin(), values.end());
    RC_ASSERT(through_integers(values) == values);
  }));
}

TEST(Integers, ThatGrowEvenlyCostNothing) {
  std::vector<std::int64_t> values;
  for (int i = 0; i < 10000; ++i) values.push_back(1'000'000'007LL + i * 250LL);
  StreamWriter writer;
  write_integers(values, writer);
  EXPECT_LT(written(writer).size(), 40u);
  EXPECT_EQ(through_integers(values), values);
}

TEST(Numbers, CostAboutWhatTheySay) {
  std::mt19937 random(1);
  BitEncoder encoder;
  NumberModel model;
  std::vector<std::uint64_t> numbers;
  for (int i = 0; i < 400; ++i) numbers.push_back(random() % 1024);
  for (const auto number : numbers) model.put(number, encoder);
  const Bytes coded = encoder.finish();
  EXPECT_LT(coded.size(), 400u * 10 / 8 * 108 / 100);  // ten bits each, and what learning costs
  BitDecoder decoder(coded);
  NumberModel again;
  for (const auto number : numbers) EXPECT_EQ(again.take(decoder), number);
  EXPECT_FALSE(decoder.failed());
}

TEST(Numbers, OfAnySizeComeBack) {
  EXPECT_TRUE(rc::check([](const std::vector<std::uint64_t>& numbers) {
    BitEncoder encoder;
    NumberModel model;
    for (const auto number : numbers) {
      model.put(number, encoder);
      model.put(number >> (number % 64), encoder);
    }
    const Bytes coded = encoder.finish();
    BitDecoder decoder(coded);
    NumberModel again;
    for (const auto number : numbers) {
      RC_ASSERT(again.take(decoder) == number);
      RC_ASSERT(again.take(decoder) == number >> (number % 64));
    }
    RC_ASSERT(!decoder.failed());
  }));
}

TEST(Numbers, BeyondTheEndAreNoticed) {
  BitDecoder decoder("");
  NumberModel model;
  for (int i = 0; i < 100 && !decoder.failed(); ++i) model.take(decoder);
  EXPECT_TRUE(decoder.failed());
}

}  // namespace
}  // namespace tidemark::repo
