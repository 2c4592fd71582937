#include "server/engine/digest.h"

#include <gtest/gtest.h>

#include <functional>
#include <vector>

namespace polystep {
namespace {

StudySpec Spec() {
  StudySpec spec;
  RealDomain domain;
  domain.min = 0.0;
  domain.max = 1.0;
  spec.search.parameters = {{"x", domain}};
  spec.search.seed = 3;
  return spec;
}

std::string DigestOf(const std::function<void(StudySpec&)>& change) {
  StudySpec spec = Spec();
  change(spec);
  return InitialDigest(spec, spec.search, 1);
}

TEST(InitialDigest, NamesAndPolicies_AreNotPartOfIt) {
  std::string digest = DigestOf([](StudySpec&) {});
  EXPECT_EQ(digest.size(), 32u);
  EXPECT_EQ(digest, DigestOf([](StudySpec& s) { s.search.parameters[0].name += "y"; }));
  EXPECT_EQ(digest, DigestOf([](StudySpec& s) { s.lease.max_lost = 3; }));
  EXPECT_EQ(digest, DigestOf([](StudySpec& s) { s.stop.max_steps = 3; }));
}

TEST(InitialDigest, WhatTheSearchDependsOn_IsPartOfIt) {
  std::string digest = DigestOf([](StudySpec&) {});
  EXPECT_NE(digest, DigestOf([](StudySpec& s) { s.search.seed = 4; }));
  EXPECT_NE(digest, DigestOf([](StudySpec& s) { s.goal = Goal::kMaximize; }));
  EXPECT_NE(digest, DigestOf([](StudySpec& s) { s.non_finite = NonFinite::kMask; }));
  EXPECT_NE(digest, DigestOf([](StudySpec& s) { s.search.noise = Noise::kNoisy; }));
  EXPECT_NE(digest, DigestOf([](StudySpec& s) { s.search.horizon_steps = 9; }));
  EXPECT_NE(digest, DigestOf([](StudySpec& s) { s.search.optimizer.parallelism = 9; }));
}

struct Step {
  Step() {
    outcomes[1] = Outcome::kMissing;
    outcomes[2] = Outcome::kInfeasible;
  }

  std::vector<double> losses = std::vector<double>(3, 1.0);
  std::vector<Outcome> outcomes = std::vector<Outcome>(3, Outcome::kLoss);
  std::vector<double> center = std::vector<double>(2, 0.5);

  std::string Digest(std::string_view previous = "d", int64_t step = 4) const {
    return NextDigest(previous, {step, losses, outcomes, center});
  }
};

TEST(NextDigest, EveryPart_Matters) {
  Step step;
  std::string digest = step.Digest();
  EXPECT_NE(digest, step.Digest("e"));
  EXPECT_NE(digest, step.Digest("d", 5));
  Step loss;
  loss.losses[0] = 1.5;
  EXPECT_NE(digest, loss.Digest());
  Step mask;
  mask.outcomes[1] = Outcome::kInfeasible;
  EXPECT_NE(digest, mask.Digest());
  Step center;
  center.center[1] = 0.0;
  EXPECT_NE(digest, center.Digest());
}

TEST(NextDigest, LossOfAMaskedOrInfeasibleIndex_DoesNotMatter) {
  Step step;
  Step other;
  other.losses[1] = 17.0;
  other.losses[2] = -4.0;
  EXPECT_EQ(step.Digest(), other.Digest());
}

TEST(NextDigest, MoreValuesThanAChunk_AllMatter) {
  Step step;
  step.losses.assign(20'000, 1.0);
  step.outcomes.assign(20'000, Outcome::kLoss);
  std::string digest = step.Digest();
  for (size_t i : {0u, 8191u, 8192u, 19'999u}) {
    Step other = step;
    other.losses[i] = 2.0;
    EXPECT_NE(digest, other.Digest()) << i;
  }
}

TEST(NextDigest, BitsOfACenter_StandForItsCoordinates) {
  const Step step;
  Bits bits(2);
  auto digest = [&](const std::vector<double>& center) {
    return NextDigest("d", {4, step.losses, step.outcomes, center, {}, &bits});
  };
  const std::string zeros = digest({0.25, 0.25});
  EXPECT_EQ(zeros, digest({0.25, 0.3}));
  EXPECT_NE(zeros, step.Digest());
  bits.Flip(1);
  EXPECT_NE(zeros, digest({0.25, 0.25}));
}

TEST(NextDigest, Violations_MatterWhereThereIsOneAndNowhereElse) {
  Step step;
  const std::vector<double> zeros(3, 0.0);
  auto digest = [&](const std::vector<double>& violations) {
    return NextDigest("d", {4, step.losses, step.outcomes, step.center, violations});
  };
  EXPECT_EQ(digest({}), step.Digest());
  EXPECT_EQ(digest(zeros), step.Digest());
  const std::string feasible = step.Digest();
  step.outcomes[0] = Outcome::kViolation;
  const std::string small = digest({0.5, 0.0, 0.0});
  EXPECT_NE(small, feasible);
  EXPECT_NE(small, digest({0.75, 0.0, 0.0}));
  EXPECT_EQ(small, digest({0.5, 9.0, 0.0}));  // of a masked index
  step.losses[0] = 7.0;
  EXPECT_NE(small, digest({0.5, 0.0, 0.0}));
}

}  // namespace
}  // namespace polystep
