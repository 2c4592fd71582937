#include "core/search/answer_scan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "core/random/random_stream.h"

namespace polystep {
namespace {

TEST(ScanPlain, WholeAndBrokenChunks_SumAndFirstOfTheLowest) {
  for (const size_t count : {1u, 63u, 1024u, 1025u, 5000u}) {
    RandomStream stream(3, count, 0, Draw::kInitial);
    std::vector<double> losses(count);
    for (double& loss : losses) loss = std::floor(40.0 * stream.Normal());
    const std::vector<Outcome> outcomes(count, Outcome::kLoss);
    const std::optional<PlainAnswers> plain = ScanPlain(losses, outcomes);
    ASSERT_TRUE(plain);
    double sum = 0.0;  // of whole numbers, so exact in any order
    for (const double loss : losses) sum += loss;
    EXPECT_EQ(plain->sum, sum) << count;
    EXPECT_EQ(plain->lowest, std::min_element(losses.begin(), losses.end()) - losses.begin());
  }
}

TEST(ScanPlain, OneAnswerThatIsNoLoss_Nothing) {
  for (const size_t place : {0u, 700u, 1023u, 1024u, 1099u}) {
    std::vector<double> losses(1100, 1.0);
    std::vector<Outcome> outcomes(1100, Outcome::kLoss);
    outcomes[place] = Outcome::kMissing;
    EXPECT_FALSE(ScanPlain(losses, outcomes)) << place;
    outcomes[place] = Outcome::kLoss;
    losses[place] = std::numeric_limits<double>::infinity();
    EXPECT_FALSE(ScanPlain(losses, outcomes)) << place;
  }
}

}  // namespace
}  // namespace polystep
