#include "server/rpc/spec_to_proto.h"

#include <variant>

#include "server/rpc/enum_tables.h"
#include "server/rpc/optimizer_proto.h"
#include "server/rpc/time_proto.h"

namespace polystep {
namespace {

void SetDomain(const RealDomain& domain, v1::ParameterSpec& proto) {
  v1::RealDomain& real = *proto.mutable_real();
  if (domain.min) real.set_min(*domain.min);
  if (domain.max) real.set_max(*domain.max);
  real.set_scale(EnumToProto(kScales, domain.scale));
  if (domain.initial) real.set_initial(*domain.initial);
}

void SetDomain(const IntegerDomain& domain, v1::ParameterSpec& proto) {
  v1::IntegerDomain& integer = *proto.mutable_integer();
  integer.set_min(domain.min);
  integer.set_max(domain.max);
  integer.set_scale(EnumToProto(kScales, domain.scale));
  if (domain.initial) integer.set_initial(*domain.initial);
}

void SetDomain(const DiscreteDomain& domain, v1::ParameterSpec& proto) {
  v1::DiscreteDomain& discrete = *proto.mutable_discrete();
  discrete.mutable_values()->Add(domain.values.begin(), domain.values.end());
  if (domain.initial) discrete.set_initial(*domain.initial);
}

void SetDomain(const CategoricalDomain& domain, v1::ParameterSpec& proto) {
  v1::CategoricalDomain& categorical = *proto.mutable_categorical();
  for (const std::string& choice : domain.choices) categorical.add_choices(choice);
  if (domain.initial) categorical.set_initial(*domain.initial);
}

void SetDomain(const BooleanDomain& domain, v1::ParameterSpec& proto) {
  v1::BooleanDomain& boolean = *proto.mutable_boolean();
  if (domain.initial) boolean.set_initial(*domain.initial);
}

v1::TensorSpec TensorToProto(const TensorSpec& tensor) {
  v1::TensorSpec proto;
  proto.set_name(tensor.name);
  proto.mutable_shape()->Add(tensor.shape.begin(), tensor.shape.end());
  proto.set_kind(EnumToProto(kTensorKinds, tensor.kind));
  if (tensor.min) proto.set_min(*tensor.min);
  if (tensor.max) proto.set_max(*tensor.max);
  v1::Initializer& initializer = *proto.mutable_initializer();
  initializer.set_kind(EnumToProto(kInitializerKinds, tensor.initializer.kind));
  initializer.set_scale(tensor.initializer.scale);
  initializer.set_constant(tensor.initializer.constant);
  initializer.set_content_id(tensor.initializer.content_id);
  return proto;
}

v1::InitialPoint InitialPointToProto(const StudySpec& spec, const InitialPoint& point) {
  v1::InitialPoint proto;
  for (size_t i = 0; i < point.point.parameters.size(); ++i) {
    *proto.add_parameters() = ValueToProto(spec.search.parameters[i], point.point.parameters[i]);
  }
  for (size_t i = 0; i < point.point.tensors.size(); ++i) {
    v1::TensorValue& tensor = *proto.add_tensors();
    tensor.set_name(spec.search.tensors[i].name);
    tensor.mutable_values()->Add(point.point.tensors[i].begin(), point.point.tensors[i].end());
  }
  if (point.loss) proto.set_loss(spec.goal == Goal::kMaximize ? -*point.loss : *point.loss);
  return proto;
}

}  // namespace

v1::ParameterValue ValueToProto(const ParameterSpec& spec, const Value& value) {
  v1::ParameterValue proto;
  proto.set_name(spec.name);
  if (std::holds_alternative<RealDomain>(spec.domain)) {
    proto.set_real(std::get<double>(value));
  } else if (std::holds_alternative<IntegerDomain>(spec.domain)) {
    proto.set_integer(std::get<int64_t>(value));
  } else if (std::holds_alternative<DiscreteDomain>(spec.domain)) {
    proto.set_discrete(std::get<double>(value));
  } else if (std::holds_alternative<CategoricalDomain>(spec.domain)) {
    proto.set_categorical(std::get<std::string>(value));
  } else {
    proto.set_boolean(std::get<bool>(value));
  }
  return proto;
}

v1::EvaluationPolicy EvaluationToProto(const StudySpec& spec) {
  v1::EvaluationPolicy proto;
  proto.set_noise(EnumToProto(kNoises, spec.search.noise));
  proto.set_score_every(spec.search.score_every);
  *proto.mutable_lease_ttl() = DurationToProto(spec.lease.ttl);
  if (spec.lease.max_attempt_time != absl::InfiniteDuration()) {
    *proto.mutable_max_attempt_time() = DurationToProto(spec.lease.max_attempt_time);
  }
  proto.set_max_attempts(spec.lease.max_attempts);
  proto.set_max_lost(spec.lease.max_lost);
  proto.set_backup_leases(spec.lease.backup_leases);
  proto.set_repeats(spec.search.repeats);
  proto.set_non_finite(EnumToProto(kNonFinites, spec.non_finite));
  proto.set_max_failed_fraction(spec.lease.max_failed_fraction);
  proto.set_quorum(1.0);
  return proto;
}

v1::StopCriteria StopCriteriaToProto(const StopCriteria& stop) {
  v1::StopCriteria proto;
  if (stop.max_steps) proto.set_max_steps(*stop.max_steps);
  if (stop.max_evaluations) proto.set_max_evaluations(*stop.max_evaluations);
  if (stop.max_time) *proto.mutable_max_time() = DurationToProto(*stop.max_time);
  if (stop.target_loss) proto.set_target_loss(*stop.target_loss);
  if (stop.patience_steps) proto.set_patience_steps(*stop.patience_steps);
  return proto;
}

v1::StudySpec SpecToProto(const StudySpec& spec) {
  v1::StudySpec proto;
  for (const ParameterSpec& parameter : spec.search.parameters) {
    v1::ParameterSpec& to = *proto.add_parameters();
    to.set_name(parameter.name);
    std::visit([&](const auto& domain) { SetDomain(domain, to); }, parameter.domain);
  }
  for (const TensorSpec& tensor : spec.search.tensors) *proto.add_tensors() = TensorToProto(tensor);
  proto.set_goal(EnumToProto(kGoals, spec.goal));
  *proto.mutable_optimizer() = OptimizerToProto(spec.search.optimizer);
  proto.set_seed(spec.search.seed);
  *proto.mutable_evaluation() = EvaluationToProto(spec);
  *proto.mutable_stop() = StopCriteriaToProto(spec.stop);
  for (const InitialPoint& point : spec.search.initial_points) {
    *proto.add_initial_points() = InitialPointToProto(spec, point);
  }
  return proto;
}

}  // namespace polystep
