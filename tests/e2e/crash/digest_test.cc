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

// A plane of 6 x 5 in a subspace that is drawn anew, with momentum and rotations along it.
v1::StudySpec Subspace() {
  v1::StudySpec spec = Reals(6, 30);
  spec.mutable_tensors(0)->add_shape(5);
  v1::OptimizerSpec& optimizer = *spec.mutable_optimizer();
  optimizer.set_method(v1::OptimizerSpec::POLYSTEP_BLOCK);
  optimizer.set_particle_dim(4);
  optimizer.mutable_momentum()->set_initial(0.5);
  optimizer.set_biased_rotation(true);
  optimizer.mutable_subspace()->set_rank(2);
  optimizer.mutable_subspace()->set_redraw_every(7);
  return spec;
}

v1::StudySpec TrustRegion() {
  v1::StudySpec spec = Reals(12, 30);
  v1::OptimizerSpec& optimizer = *spec.mutable_optimizer();
  optimizer.set_method(v1::OptimizerSpec::POLYSTEP_BLOCK);
  optimizer.set_quadratic_model(true);
  optimizer.set_radius_control(v1::OptimizerSpec::TRUST_REGION);
  return spec;
}

v1::StudySpec Sinkhorn() {
  v1::StudySpec spec = Reals(4, 30);
  v1::OptimizerSpec& optimizer = *spec.mutable_optimizer();
  optimizer.set_method(v1::OptimizerSpec::POLYSTEP_POPULATION);
  optimizer.set_particles(3);
  optimizer.set_solver(v1::OptimizerSpec::SINKHORN);
  optimizer.set_coast_steps(3);
  optimizer.set_radius_control(v1::OptimizerSpec::ADAPTIVE);
  return spec;
}

v1::StudySpec Seeded() {
  v1::StudySpec spec = Reals(6, 50);
  spec.set_goal(v1::StudySpec::MAXIMIZE);
  spec.mutable_evaluation()->set_noise(v1::EvaluationPolicy::SEEDED);
  return spec;
}

// Weights of a network: unbounded, from a random start, by rows, with weight decay.
v1::StudySpec Rows() {
  v1::StudySpec spec = Seeded();
  v1::TensorSpec& tensor = *spec.mutable_tensors(0);
  tensor.set_shape(0, 3);
  tensor.add_shape(4);
  tensor.clear_min();
  tensor.clear_max();
  spec.mutable_optimizer()->set_method(v1::OptimizerSpec::POLYSTEP_ROWS);
  return spec;
}

v1::StudySpec Flips() {
  v1::StudySpec spec = Reals(20, 60);
  spec.mutable_tensors(0)->set_kind(v1::TensorSpec::BINARY);
  spec.mutable_tensors(0)->clear_min();
  spec.mutable_tensors(0)->clear_max();
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
     "743ecf1372d0a80562088c4840a8795d59c65ba34aedabbbb299a6a9107aafbe"},
    {"Automatic", Automatic, Quadratic,
     "4b9c963840b3c4e0df7e68bc077b9291f659329cb7f74559f8bacc88fddcf834"},
    {"Infeasible", Automatic, HoledQuadratic,
     "9a4576f121fcb65f7ae1326b066e646fc030f78173ac96be3fbbae08731ebbb1"},
    {"Block", Block, Quadratic, "a0e9f7a1e1cf5a934d1786c0dfe42ee5b8f6ddecd063e2b0350d1b21fb03879e"},
    {"Population", Population, Quadratic,
     "0b9cd417c76f35d1a6325b87ded07edf317087d09d6f725b3338fc8211f538ab"},
    {"Subspace", Subspace, Quadratic,
     "cd71a1949215ae8acc7f6c74aceb432fd8bed86af68b04610e9e7617e3cffd26"},
    {"TrustRegion", TrustRegion, Quadratic,
     "6dfa13d8a4d82f06fb17cae28ac05d171129429b42045d3b57e2bf10c21caaee"},
    {"Sinkhorn", Sinkhorn, Quadratic,
     "eeb3f969322f3f97b3f1313975147f27ec5510200070049a5bc2e58f72cb16f7"},
    {"Seeded", Seeded, NoisyHill,
     "073ce2ebfc75adec532d62367461bc26f24fe765ec43e8ee900759b9423f8ce6"},
    {"Rows", Rows, NoisyHill, "4f0806aa896eddc49761a64917ec7b79c487bed10fcc62bb7a56a8b8efa7975d"},
    {"Flips", Flips, Quadratic, "1c45a4cda0bfbfadfb195a54ea904faed8f80f17d14f9100258655f0ba3efc3f"},
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
