#include "core/random/permutation.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace polystep {
namespace {

Permutation Make(uint64_t size, uint64_t step) {
  return Permutation(size, RandomStream(5, step, 0, Draw::kPermutation));
}

TEST(Permutation, AnySize_HasEveryElementOnce) {
  for (uint64_t size : {1, 2, 3, 4, 5, 17, 64, 65, 1000, 4097}) {
    const Permutation order = Make(size, 0);
    std::vector<int> seen(size, 0);
    for (uint64_t i = 0; i < size; ++i) {
      const uint64_t element = order(i);
      ASSERT_LT(element, size);
      ++seen[element];
    }
    EXPECT_EQ(seen, std::vector<int>(size, 1)) << size;
  }
}

TEST(Permutation, PlacesAndElements_AreUnrelated) {
  constexpr uint64_t kSize = 1000;
  double rising = 0.0;
  double first_in_lower_half = 0.0;
  for (uint64_t step = 0; step < 200; ++step) {
    const Permutation order = Make(kSize, step);
    for (uint64_t i = 0; i + 1 < kSize; ++i) rising += order(i) < order(i + 1) ? 1 : 0;
    first_in_lower_half += order(0) < kSize / 2 ? 1 : 0;
  }
  EXPECT_NEAR(rising / (200 * (kSize - 1)), 0.5, 0.01);
  EXPECT_NEAR(first_in_lower_half, 100, 30);
}

// A trajectory depends on these.
TEST(Permutation, FixedKey_KeepsItsOrder) {
  const Permutation order = Make(10, 3);
  std::vector<uint64_t> elements;
  for (uint64_t i = 0; i < 10; ++i) elements.push_back(order(i));
  EXPECT_EQ(elements, (std::vector<uint64_t>{9, 6, 1, 8, 5, 0, 3, 7, 2, 4}));
}

TEST(Permutation, Take_AnyPartOfAnySize_IsWhatSinglePlacesHave) {
  for (uint64_t size : {1, 100, 256, 300, 1000, 4096, 100'000}) {
    const Permutation order = Make(size, 7);
    for (uint64_t first : {uint64_t{0}, size / 3}) {
      std::vector<uint32_t> elements(size - first);
      order.Take(first, elements.size(), elements.data());
      for (size_t l = 0; l < elements.size(); ++l) ASSERT_EQ(elements[l], order(first + l)) << size;
    }
  }
}

}  // namespace
}  // namespace polystep
