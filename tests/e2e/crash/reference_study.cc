#include "tests/e2e/crash/reference_study.h"

namespace polystep {
namespace {

void AddReal(v1::StudySpec& spec, const std::string& name, double min, double max,
             v1::ParameterSpec::Scale scale) {
  v1::ParameterSpec* parameter = spec.add_parameters();
  parameter->set_name(name);
  parameter->mutable_real()->set_min(min);
  parameter->mutable_real()->set_max(max);
  parameter->mutable_real()->set_scale(scale);
}

}  // namespace

v1::StudySpec ReferenceStudy() {
  v1::StudySpec spec;
  AddReal(spec, "x", -2, 2, v1::ParameterSpec::LINEAR);
  AddReal(spec, "y", -2, 2, v1::ParameterSpec::LINEAR);
  AddReal(spec, "z", 0.001, 10, v1::ParameterSpec::LOG);
  v1::ParameterSpec* count = spec.add_parameters();
  count->set_name("count");
  count->mutable_integer()->set_min(1);
  count->mutable_integer()->set_max(20);
  v1::ParameterSpec* size = spec.add_parameters();
  size->set_name("size");
  for (double value : {1.0, 1.5, 2.2, 3.3, 4.7, 6.8}) {
    size->mutable_discrete()->add_values(value);
  }
  v1::ParameterSpec* kind = spec.add_parameters();
  kind->set_name("kind");
  for (const char* choice : {"plain", "ribbed", "twisted"}) {
    kind->mutable_categorical()->add_choices(choice);
  }
  v1::ParameterSpec* open = spec.add_parameters();
  open->set_name("open");
  open->mutable_boolean();
  spec.set_seed(20240229);
  spec.mutable_evaluation()->set_noise(v1::EvaluationPolicy::NONE);
  spec.mutable_stop()->set_max_steps(kReferenceSteps);
  return spec;
}

double ReferenceLoss(const client::Candidate& candidate) {
  double x = *candidate.Real("x"), y = *candidate.Real("y"), z = *candidate.Real("z");
  double count = *candidate.Real("count"), size = *candidate.Real("size");
  double valley = y - x * x;
  double loss = (1 - x) * (1 - x) + 100 * valley * valley + (z - 0.5) * (z - 0.5);
  loss += 0.1 * (count - 7) * (count - 7) + (size - 3.3) * (size - 3.3);
  if (*candidate.Categorical("kind") != "ribbed") loss += 2;
  if (*candidate.Boolean("open")) loss += 1;
  return loss;
}

v1::StudySpec BitStudy() {
  v1::StudySpec spec;
  v1::TensorSpec& tensor = *spec.add_tensors();
  tensor.set_name("w");
  tensor.add_shape(90);
  tensor.set_kind(v1::TensorSpec::BINARY);
  spec.mutable_optimizer()->set_method(v1::OptimizerSpec::POLYSTEP_FLIP);
  spec.mutable_optimizer()->set_parallelism(64);
  spec.set_seed(11);
  spec.mutable_evaluation()->set_noise(v1::EvaluationPolicy::NONE);
  spec.mutable_stop()->set_max_steps(kReferenceSteps);
  return spec;
}

// Bits whose best values are 1, 1, 0, ..., coupled with their neighbours.
double BitLoss(const client::Candidate& candidate) {
  double loss = 0;
  absl::Span<const float> bits = candidate.values();
  for (size_t i = 0; i < bits.size(); ++i) {
    const float wanted = i % 3 == 2 ? 0.0f : 1.0f;
    loss += bits[i] == wanted ? 0.0 : 1.0;
    if (i > 0 && bits[i] != bits[i - 1]) loss += 0.25;
  }
  return loss;
}

}  // namespace polystep
