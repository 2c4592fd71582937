// Trajectory digests of fixed studies, written down: every build, on every machine, gets these.
//
// If this fails and the algorithm was not meant to change, a machine, a compiler or a library has
// changed the course of every study there is: find out why. If it was meant to, studies in stores
// out there can no longer be replayed: raise kAlgorithmRevision, then write down the digests the
// test prints. ctest also runs this with the C library's FMA and AVX variants switched off.
#include <gtest/gtest.h>

#include <limits>
#include <ostream>

#include "tests/e2e/crash/reference_study.h"
#include "tests/e2e/crash/study_run.h"

namespace polystep {
namespace {

struct PinnedStudy {
  const char* name;
  v1::StudySpec (*spec)();
  Simulator simulator;
  const char* digest;
};

void PrintTo(const PinnedStudy& study, std::ostream* out) { *out << study.name; }

v1::StudySpec Reals(int dimension, int steps) {
  v1::StudySpec spec;
  v1::TensorSpec* tensor = spec.add_tensors();
  tensor->set_name("x");
  tensor->add_shape(dimension);
  tensor->set_kind(v1::TensorSpec::REAL);
  tensor->set_min(-3);
  tensor->set_max(3);
  tensor->mutable_initializer()->set_kind(v1::Initializer::UNIFORM);
  spec.set_seed(7);
  spec.mutable_evaluation()->set_noise(v1::EvaluationPolicy::NONE);
  spec.mutable_stop()->set_max_steps(steps);
  return spec;
}

v1::StudySpec Automatic() { return Reals(5, 80); }

v1::StudySpec Block() {
  v1::StudySpec spec = Reals(12, 40);
  spec.mutable_optimizer()->set_method(v1::OptimizerSpec::POLYSTEP_BLOCK);
  return spec;
}

v1::StudySpec Population() {
  v1::StudySpec spec = Reals(4, 40);
  spec.mutable_optimizer()->set_method(v1::OptimizerSpec::POLYSTEP_POPULATION);
  return spec;
}

v1::StudySpec Seeded() {
  v1::StudySpec spec = Reals(6, 50);
  spec.set_goal(v1::StudySpec::MAXIMIZE);
  spec.mutable_evaluation()->set_noise(v1::EvaluationPolicy::SEEDED);
  return spec;
}

// An ill-conditioned quadratic whose axes are not the coordinates'.
double Quadratic(const client::Candidate& candidate) {
  absl::Span<const float> x = *candidate.Values("x");
  double loss = 0, scale = 1, previous = 0;
  for (float value : x) {
    double term = value - 0.5 * previous - 0.3;
    loss += scale * term * term;
    scale *= 3;
    previous = value;
  }
  return loss;
}

// With a corner that cannot be evaluated: a loss that is no number is INFEASIBLE.
double HoledQuadratic(const client::Candidate& candidate) {
  absl::Span<const float> x = *candidate.Values("x");
  if (x[0] > 1) return std::numeric_limits<double>::quiet_NaN();
  return Quadratic(candidate);
}

// To be maximized, with noise from the evaluation seed.
double NoisyHill(const client::Candidate& candidate) {
  auto noise = static_cast<double>(candidate.evaluation_seed >> 40) * 0x1p-24;
  return 10 - Quadratic(candidate) + 0.1 * noise * (*candidate.Values("x"))[0];
}

const PinnedStudy kStudies[] = {
    {"Typed", ReferenceStudy, ReferenceLoss,
     "cf1e20f40c1ea8450c0243109d707bea6316a7b881ad8e6852f89340d36acee1"},
    {"Automatic", Automatic, Quadratic,
     "01806e36a84658601d0d2c5a7de4cad1b784fbc597b61a39ebd9837a18641180"},
    {"Infeasible", Automatic, HoledQuadratic,
     "86ad1af98376321dcc1662410f411b21c21e498a46d6652b9456c54af98a6072"},
    {"Block", Block, Quadratic, "889b57a0a4368553345dd09a9d7d3a885fc793410019a41e0859973d6e7544ad"},
    {"Population", Population, Quadratic,
     "3b7763829c8bf7a725071c570f12a0541d57c8bb4d4776cc6b71eb09713ca93a"},
    {"Seeded", Seeded, NoisyHill,
     "2796dce3666756f390bb82e469e26af01f90d437d7cfb9162efc07e373d9f3d2"},
};

class DigestTest : public testing::TestWithParam<PinnedStudy> {};

TEST_P(DigestTest, FixedStudy_TheDigestWrittenDown) {
  StudyRun::Options options;
  options.spec = GetParam().spec();
  options.simulator = GetParam().simulator;
  StudyRun run(options);
  ASSERT_NO_FATAL_FAILURE(run.Begin());
  v1::Study study = run.Finish();
  EXPECT_EQ(study.state(), v1::Study::SUCCEEDED) << study.state_reason();
  EXPECT_EQ(study.trajectory_digest(), GetParam().digest);
}

INSTANTIATE_TEST_SUITE_P(All, DigestTest, testing::ValuesIn(kStudies),
                         [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace polystep
