// The scoreboard's optimizers of others: each has to find what it is known to find.
#include "tests/bench/nets/baseline.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace polystep::bench {
namespace {

constexpr size_t kDimension = 60;

const NoiseTable& Noise() {
  static const NoiseTable noise(1, 2);
  return noise;
}

// Squares of other scales: the widest is a hundred times as steep as the narrowest.
double Ellipsoid(absl::Span<const float> values) {
  double loss = 0.0;
  for (size_t i = 0; i < values.size(); ++i) {
    const double scale = 1.0 + 9.0 * static_cast<double>(i) / static_cast<double>(kDimension);
    const double off = scale * (static_cast<double>(values[i]) - 0.5);
    loss += off * off;
  }
  return loss;
}

class BaselineTest : public testing::TestWithParam<const char*> {
 protected:
  static constexpr int64_t kIterations = 400;

  static std::unique_ptr<Baseline> Make() {
    const std::string method = GetParam();
    const BaselineOptions options = {.population = 32,
                                     .sigma = method == "sep-cma-es" ? 0.3 : 0.02,
                                     .rate = method == "spsa" ? 0.3 : 0.03,
                                     .iterations = kIterations};
    std::vector<float> start(kDimension, 0.0f);
    if (method == "openai-es") return MakeOpenAiEs(Noise(), std::move(start), options);
    if (method == "spsa") return MakeSpsa(Noise(), std::move(start), options);
    return MakeSepCma(Noise(), std::move(start), options);
  }

  static void Iterate(Baseline& baseline) {
    std::vector<double> losses(baseline.population());
    std::vector<float> values(kDimension);
    for (size_t n = 0; n < losses.size(); ++n) {
      baseline.Candidate(n, absl::MakeSpan(values));
      losses[n] = Ellipsoid(values);
    }
    baseline.Tell(losses);
  }
};

TEST_P(BaselineTest, Ellipsoid_IsSolvedToAThousandth) {
  const std::unique_ptr<Baseline> baseline = Make();
  const double before = Ellipsoid(baseline->center());
  for (int64_t n = 0; n < kIterations; ++n) Iterate(*baseline);
  EXPECT_LT(Ellipsoid(baseline->center()), 1e-3 * before);
}

TEST_P(BaselineTest, Candidates_AreAskedForInAnyOrder) {
  const std::unique_ptr<Baseline> baseline = Make();
  Iterate(*baseline);
  std::vector<float> first(kDimension), again(kDimension), other(kDimension);
  baseline->Candidate(5, absl::MakeSpan(first));
  baseline->Candidate(6, absl::MakeSpan(other));
  baseline->Candidate(5, absl::MakeSpan(again));
  EXPECT_EQ(first, again);
  EXPECT_NE(first, other);
}

TEST_P(BaselineTest, EqualLosses_MoveByNoMoreThanNoise) {
  const std::unique_ptr<Baseline> baseline = Make();
  const std::vector<double> losses(baseline->population(), 1.0);
  for (int n = 0; n < 3; ++n) baseline->Tell(losses);
  for (const float value : baseline->center()) {
    EXPECT_TRUE(value > -1.0f && value < 1.0f) << value;  // and a number
  }
}

INSTANTIATE_TEST_SUITE_P(Methods, BaselineTest, testing::Values("openai-es", "spsa", "sep-cma-es"),
                         [](const testing::TestParamInfo<const char*>& info) {
                           std::string name = info.param;
                           for (char& c : name) c = c == '-' ? '_' : c;
                           return name;
                         });

}  // namespace
}  // namespace polystep::bench
