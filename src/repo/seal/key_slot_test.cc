#include "repo/seal/key_slot.h"

#include <gtest/gtest.h>

#include "tests/support/foretold_random.h"

namespace tidemark::repo {
namespace {

class KeySlotTest : public testing::Test {
 protected:
  Bytes sealed(SlotKind kind, const Secret& secret) {
    NewSlot slot{.kind = kind,
                 .label = "host a",
                 .made = TimePoint(Millis(1'700'000'000'000)),
                 .cost = crypto::kArgon2CostMin};
    return *seal_slot(slot, secret, repository_, roots_, crypto::Suite::aes256_gcm, random_);
  }
  static KeySecret key(const Secret& secret) { return {KeySecret::Form::key, secret}; }
  static KeySecret password(std::string text) {
    return {KeySecret::Form::password, Secret(std::move(text))};
  }

  test::ForetoldRandom random_;
  RepositoryId repository_;
  Roots roots_{Secret(std::string(kRootBytes, 'a')), Secret(std::string(kRootBytes, 'b'))};
  Secret file_{std::string(kRootBytes, 'f')};
};

TEST_F(KeySlotTest, OpensUnderItsSecretOnly) {
  const Bytes slot = sealed(SlotKind::key_file, file_);
  EXPECT_EQ(open_slot(slot, key(file_))->reveal(), roots_.back().reveal());
  EXPECT_EQ(open_slot(slot, key(Secret(std::string(kRootBytes, 'g')))).error().kind,
            ErrorKind::denied);
  EXPECT_EQ(open_slot(slot, password("f")).error().kind, ErrorKind::denied);
}

TEST_F(KeySlotTest, OpensUnderAPassword) {
  const Bytes slot = sealed(SlotKind::password, Secret("correct horse"));
  EXPECT_EQ(open_slot(slot, password("correct horse"))->reveal(), roots_.back().reveal());
  EXPECT_EQ(open_slot(slot, password("Correct horse")).error().kind, ErrorKind::denied);
  EXPECT_EQ(open_slot(slot, key(file_)).error().kind, ErrorKind::denied);
}

TEST_F(KeySlotTest, SaysWhoseItIsWithoutASecret) {
  const auto facts = read_slot(sealed(SlotKind::recovery_sheet, file_));
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->kind, SlotKind::recovery_sheet);
  EXPECT_EQ(facts->label, "host a");
  EXPECT_EQ(facts->header.generation, 2u);
  EXPECT_EQ(format_time(facts->made), "2023-11-14T22:13:20Z");
}

TEST_F(KeySlotTest, RefusesEveryFlippedBit) {
  const Bytes slot = sealed(SlotKind::key_file, file_);
  for (std::size_t bit = 0; bit < slot.size() * 8; ++bit) {
    Bytes forged = slot;
    forged[bit / 8] = static_cast<char>(forged[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(open_slot(forged, key(file_))) << bit;
  }
}

TEST_F(KeySlotTest, RefusesEveryOtherLength) {
  const Bytes slot = sealed(SlotKind::key_file, file_);
  for (std::size_t length = 0; length < slot.size(); ++length)
    EXPECT_FALSE(read_slot(slot.substr(0, length))) << length;
  EXPECT_FALSE(read_slot(slot + '\0'));
}

TEST_F(KeySlotTest, NeverRunsACostOutOfBounds) {
  Bytes slot = sealed(SlotKind::password, Secret("correct horse"));
  slot.replace(66, 4, "\xff\xff\xff\xff");
  EXPECT_EQ(open_slot(slot, password("correct horse")).error().kind, ErrorKind::corrupt);
}

TEST_F(KeySlotTest, RefusesBadOrders) {
  NewSlot slot{.kind = SlotKind::password, .label = std::string(65, 'x'), .made = {}, .cost = {}};
  const auto attempt = [&](const Secret& secret) {
    return seal_slot(slot, secret, repository_, roots_, crypto::Suite::aes256_gcm, random_);
  };
  EXPECT_EQ(attempt(Secret("p")).error().kind, ErrorKind::invalid_input);
  slot.label = "bell \a";
  EXPECT_EQ(attempt(Secret("p")).error().kind, ErrorKind::invalid_input);
  slot.label = "fine";
  EXPECT_EQ(attempt(Secret()).error().message, "the password is empty");
  slot.cost.memory_kib = 1;
  EXPECT_EQ(attempt(Secret("p")).error().kind, ErrorKind::invalid_input);
}

TEST_F(KeySlotTest, TheBytesOfVersionOneStayAsTheyAre) {
  EXPECT_EQ(to_hex(sealed(SlotKind::key_file, file_)),
            "544944454d41524b0101020002000000000000000000000000000000000000001a30d3c0635d49b5"
            "a0171067701f1cac41ceaa184e3d080e36335b3eb48db6850100000000000068e5cf8b0100000668"
            "6f73742061635846bc4932dbe8631564cf069eaf119d23aa64c4610e5f5a7b9e1aca08ec83f5c2c2"
            "063c80de4e1264729c0b88fa4c5ca2f68656d9edd287170ca27909ed8397f43783b4274f59a74f63"
            "c41cc84d97");
}

}  // namespace
}  // namespace tidemark::repo
