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
     "b3bb355d7726ba4132009d08cf1225f4abe1954acc7a039bb879871538bcc6a3"},
    {"Automatic", Automatic, Quadratic,
     "daef967a7bb07304562c1255cf821a8ae256ed3d384581ad2616878f689e14bc"},
    {"Infeasible", Automatic, HoledQuadratic,
     "e587c0c03798676bc200b2417c52279c64c061e6119633fc6fe9a55c4079930b"},
    {"Block", Block, Quadratic, "4a7fca6df8cc21159507efe737a6264a3995f2bdd6107240a641887aa6c568de"},
    {"Population", Population, Quadratic,
     "5402c5eac0d5998b3ae1aa0076263abc8f75e1e7faeb92b06fe27fb8e8805895"},
    {"Subspace", Subspace, Quadratic,
     "e9c1c03b673e07e16f58cb1d2cc88ea600017e85d1dd05df23f0edce0cd54e74"},
    {"TrustRegion", TrustRegion, Quadratic,
     "bdda199c4cd641c82b6748c0c9d71f32f5c527ddba748e08d0f09cd7b8ff50b5"},
    {"Sinkhorn", Sinkhorn, Quadratic,
     "ac388e78920beec0cc49eb750dd83897dd1ee50bb11124cf2533c7c337377042"},
    {"Seeded", Seeded, NoisyHill,
     "5a0870dab1087cf7391a6987b3011de96223ea5f43c31054d644e8f1f2615a75"},
    {"Rows", Rows, NoisyHill, "91d89ec919e15c61933a111b8fb214fb6babb1d595e26fb068bbd6d279449e0d"},
    {"Flips", Flips, Quadratic, "915f7eb4fecadb801cb5a0c0bb9abc3adbc206bdd248710ac551b649d577f1fb"},
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
