// The centers of a study's steps are those that its coordinates give, also where they are made from
// bits; what changed is what changed.
#include "server/engine/center_store.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "core/search/search.h"

namespace polystep {
namespace {

Search Create(std::vector<TensorSpec> tensors) {
  SearchSpec spec;
  spec.tensors = std::move(tensors);
  spec.seed = 5;
  return *Search::Create(std::move(spec));
}

// A loss of the index alone moves the center somewhere.
void Advance(Search& search) {
  const uint32_t count = search.Open(1'000'000).count;
  std::vector<double> losses(count);
  for (uint32_t i = 0; i < count; ++i) losses[i] = (i * 37) % 101;
  std::vector<Outcome> outcomes(count, Outcome::kLoss);
  search.Close(absl::MakeSpan(losses), absl::MakeSpan(outcomes));
}

std::vector<float> ValuesOf(const Search& search) {
  std::vector<float> values(search.center().size());
  search.space()->DecodeElements(0, search.center(), absl::MakeSpan(values));
  return values;
}

void ExpectCentersOfAllSteps(Search search, bool bits) {
  ASSERT_EQ(search.center_bits() != nullptr, bits);
  CenterStore store;
  std::shared_ptr<const Center> before;
  for (int step = 0; step < 6; ++step) {
    const std::shared_ptr<const Center> center = store.Current(search);
    EXPECT_EQ(center->values, ValuesOf(search));
    EXPECT_EQ(center->id, CenterId(center->values));
    EXPECT_EQ(center->bits, AreBits(center->values));
    std::vector<float> patched = before ? before->values : center->values;
    for (const Center::Run& run : center->changed) {
      for (uint32_t k = run.first; k < run.first + run.size; ++k) {
        EXPECT_NE(patched[k], center->values[k]);
        patched[k] = center->values[k];
      }
    }
    EXPECT_EQ(patched, center->values);
    EXPECT_EQ(center->before_id, before ? before->id : "");
    EXPECT_TRUE(!before || before->values != center->values) << "the search does not move";
    before = center;
    Advance(search);
  }
}

TEST(CenterStore, BinaryTensors_AreTheirValues) {
  ExpectCentersOfAllSteps(Create({{"a", {13}, TensorKind::kBinary, {}, {}, {}},
                                  {"b", {500}, TensorKind::kBinary, {}, {}, {}}}),
                          true);
}

TEST(CenterStore, RealTensors_AreTheirValues) {
  ExpectCentersOfAllSteps(Create({{"w", {9, 40}, TensorKind::kReal, {}, {}, {}}}), false);
}

}  // namespace
}  // namespace polystep
