#include "core/search/answered_points.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace polystep {
namespace {

PointKey Key(uint64_t n) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes.push_back(static_cast<char>(n >> (8 * i)));
  return KeyOf(bytes);
}

TEST(KeyOf, CloseInputs_HaveUnrelatedKeys) {
  std::set<uint64_t> first;
  std::set<uint64_t> second;
  int bits = 0;
  for (uint64_t n = 0; n < 20'000; ++n) {
    first.insert(Key(n).first);
    second.insert(Key(n).second);
    bits += __builtin_popcountll(Key(n).first ^ Key(n + 1).first);
  }
  EXPECT_EQ(first.size(), 20'000u);
  EXPECT_EQ(second.size(), 20'000u);
  EXPECT_NEAR(bits / 20'000.0, 32.0, 0.5);
  EXPECT_NE(KeyOf(""), KeyOf(std::string(1, '\0')));
  EXPECT_NE(KeyOf(std::string(7, '\0')), KeyOf(std::string(8, '\0')));
}

TEST(AnsweredPoints, FirstAnswer_IsKept) {
  AnsweredPoints points;
  EXPECT_EQ(points.Find(Key(1)), nullptr);
  points.Insert({Key(1), 3.0, Outcome::kLoss});
  points.Insert({Key(1), 4.0, Outcome::kInfeasible});
  ASSERT_NE(points.Find(Key(1)), nullptr);
  EXPECT_EQ(points.Find(Key(1))->loss, 3.0);
}

TEST(AnsweredPoints, FullMemory_ForgetsTheOldestAndSurvivesRestore) {
  AnsweredPoints points;
  const uint64_t capacity = AnsweredPoints::kCapacity;
  for (uint64_t n = 0; n < capacity; ++n) {
    points.Insert({Key(n), static_cast<double>(n), Outcome::kLoss});
  }
  EXPECT_NE(points.Find(Key(0)), nullptr);
  points.Insert({Key(capacity), 0.5, Outcome::kInfeasible});
  EXPECT_EQ(points.Find(Key(0)), nullptr);
  EXPECT_NE(points.Find(Key(1)), nullptr);

  ByteWriter writer;
  points.Save(writer);
  ByteReader reader(writer.bytes());
  AnsweredPoints restored;
  ASSERT_TRUE(restored.Restore(reader));
  for (AnsweredPoints* p : {&points, &restored}) {
    p->Insert({Key(capacity + 1), 0.5, Outcome::kLoss});
    EXPECT_EQ(p->Find(Key(1)), nullptr);
    EXPECT_NE(p->Find(Key(2)), nullptr);
    EXPECT_EQ(p->Find(Key(capacity))->outcome, Outcome::kInfeasible);
  }
}

}  // namespace
}  // namespace polystep
