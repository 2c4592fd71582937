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
     "517b7ecb5a7010f2bcbba18046248c4408562dab167bc8a0295f3fc3170010be"},
    {"Automatic", Automatic, Quadratic,
     "18fad3bac65975096a4c8063147f4a11f5e6e5b2e4ee76859f0edd46becf9bca"},
    {"Infeasible", Automatic, HoledQuadratic,
     "71aff166dcc900c0029a7225703e7d6d1716108197a7a486513ed7e5d5468e96"},
    {"Block", Block, Quadratic, "d2fadb355359501968de400322d8ef27b92ee223fffaba64e22409115c728f9e"},
    {"Population", Population, Quadratic,
     "0cc01e376308da95e44710706237165e5a26d582576c041fe00355416f89da8c"},
    {"Subspace", Subspace, Quadratic,
     "b62eeefe5df3105ac07dab710bfcb9dc21437a101d84d51fc291fa351f3ae31d"},
    {"TrustRegion", TrustRegion, Quadratic,
     "f92ed0955887a3f01979d781588affea89b6c584f97c0df374aa38a7d973bb9b"},
    {"Sinkhorn", Sinkhorn, Quadratic,
     "8b0bb6091fba2ee04c1af6bf12811beb72b3175486ca3e4e8488a4dce9f7ca94"},
    {"Seeded", Seeded, NoisyHill,
     "ad43280cd49f206fea0d90dd58717c164d6db1fc2b542384e43fc505e18ad752"},
    {"Rows", Rows, NoisyHill, "48c2ee93c9251df689354ac8a818b920daea6cc8765613fcb7a15d14e62bad78"},
    {"Flips", Flips, Quadratic, "4b1029c296b779a5bd7aef4062c0639c6c451efefd4d8535e1d70eb1a984cac1"},
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
