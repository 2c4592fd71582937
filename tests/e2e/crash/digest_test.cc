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
     "f3e79dee5f8f4dadc89e73c5cce4132e984897155cf55385d59fae3662e606a0"},
    {"Automatic", Automatic, Quadratic,
     "d4aaebcaab3f047a0a217b76a737614d10fe43e0a99b63343f5c405d0462ad74"},
    {"Infeasible", Automatic, HoledQuadratic,
     "f68e37dc6d5d7c29566959be14d5890b586bf296ed0d697a76078cc5e03779c4"},
    {"Block", Block, Quadratic, "9cc718abf024514ed9010fab212125c98ea2deeb7b97f0d2eec03b1814e241ba"},
    {"Population", Population, Quadratic,
     "e283468514d484ad116fbcafaebea78c3e193a7a2e982dca1e5a265326dac51f"},
    {"Subspace", Subspace, Quadratic,
     "228ec1083cd260b790847d561084a0eec75e2edb3b655e5ed0eaf6801fdc311d"},
    {"TrustRegion", TrustRegion, Quadratic,
     "649592d6f6c6653297034dc31e23838785f2aa7f3d3727d010602f8bd98a7e32"},
    {"Sinkhorn", Sinkhorn, Quadratic,
     "82a0ec51340291484337881101d071cb631a4632b3f2c8a22256fa0be119c314"},
    {"Seeded", Seeded, NoisyHill,
     "b4afd9afc2164ffc551978913b6c750f103ca8dba11394adaad5af80f11b2e59"},
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
