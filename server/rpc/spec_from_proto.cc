#include "server/rpc/spec_from_proto.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/field_error.h"
#include "server/rpc/enum_tables.h"
#include "server/rpc/optimizer_proto.h"
#include "server/rpc/space_from_proto.h"
#include "server/rpc/time_proto.h"

namespace polystep {
namespace {

constexpr uint32_t kMaxRepeats = 1000;

absl::Status CheckQuorum(const v1::EvaluationPolicy& proto) {
  if (!proto.has_quorum()) return absl::OkStatus();
  if (!(proto.quorum() > 0 && proto.quorum() <= 1)) {
    return FieldError("evaluation.quorum",
                      absl::StrCat("must be above 0 and at most 1, is ", proto.quorum()));
  }
  if (proto.quorum() < 1) {
    return absl::UnimplementedError(absl::StrCat("evaluation.quorum: ", proto.quorum(),
                                                 " is below 1, which is not in this release"));
  }
  return absl::OkStatus();
}

absl::Status SetEvaluation(const v1::EvaluationPolicy& proto, StudySpec& spec) {
  absl::StatusOr<Noise> noise = EnumFromProto("evaluation.noise", kNoises, proto.noise());
  if (!noise.ok()) return noise.status();
  absl::StatusOr<NonFinite> non_finite =
      EnumFromProto("evaluation.non_finite", kNonFinites, proto.non_finite());
  if (!non_finite.ok()) return non_finite.status();
  spec.search.noise = *noise;
  spec.non_finite = *non_finite;
  spec.search.score_every = proto.score_every();
  spec.search.repeats = proto.repeats() == 0 ? 1 : proto.repeats();
  if (spec.search.repeats > kMaxRepeats) {
    return FieldError("evaluation.repeats",
                      absl::StrCat("is ", proto.repeats(), ", the limit is ", kMaxRepeats));
  }
  if (spec.search.repeats > 1 && *noise == Noise::kNone) {
    return FieldError("evaluation.repeats",
                      absl::StrCat("is ", proto.repeats(),
                                   ", must be 1 with noise NONE: repeats would be equal"));
  }
  absl::StatusOr<LeasePolicy> lease = LeasePolicyFromProto(proto);
  if (!lease.ok()) return lease.status();
  spec.lease = *lease;
  return CheckQuorum(proto);
}

}  // namespace

absl::StatusOr<LeasePolicy> LeasePolicyFromProto(const v1::EvaluationPolicy& proto) {
  LeasePolicy policy;
  if (proto.has_lease_ttl()) {
    absl::StatusOr<absl::Duration> ttl =
        DurationFromProto("evaluation.lease_ttl", proto.lease_ttl());
    if (!ttl.ok()) return ttl.status();
    policy.ttl = *ttl;
  }
  if (proto.has_max_attempt_time()) {
    absl::StatusOr<absl::Duration> time =
        DurationFromProto("evaluation.max_attempt_time", proto.max_attempt_time());
    if (!time.ok()) return time.status();
    policy.max_attempt_time = *time;
  }
  if (proto.max_attempts() != 0) policy.max_attempts = proto.max_attempts();
  if (proto.max_lost() != 0) policy.max_lost = proto.max_lost();
  if (proto.has_backup_leases()) policy.backup_leases = proto.backup_leases();
  if (proto.has_max_failed_fraction()) policy.max_failed_fraction = proto.max_failed_fraction();
  return policy;
}

absl::StatusOr<StopCriteria> StopCriteriaFromProto(const v1::StopCriteria& proto) {
  StopCriteria stop;
  if (proto.has_max_steps()) stop.max_steps = proto.max_steps();
  if (proto.has_max_evaluations()) stop.max_evaluations = proto.max_evaluations();
  if (proto.has_max_time()) {
    absl::StatusOr<absl::Duration> time = DurationFromProto("stop.max_time", proto.max_time());
    if (!time.ok()) return time.status();
    stop.max_time = *time;
  }
  if (proto.has_target_loss()) stop.target_loss = proto.target_loss();
  if (proto.has_patience_steps()) stop.patience_steps = proto.patience_steps();
  return stop;
}

absl::StatusOr<StudySpec> SpecFromProto(const v1::StudySpec& proto) {
  StudySpec spec;
  absl::StatusOr<std::vector<ParameterSpec>> parameters = ParametersFromProto(proto);
  if (!parameters.ok()) return parameters.status();
  spec.search.parameters = *std::move(parameters);
  absl::StatusOr<std::vector<TensorSpec>> tensors = TensorsFromProto(proto);
  if (!tensors.ok()) return tensors.status();
  spec.search.tensors = *std::move(tensors);
  absl::StatusOr<Goal> goal = EnumFromProto("goal", kGoals, proto.goal());
  if (!goal.ok()) return goal.status();
  spec.goal = *goal;
  absl::StatusOr<OptimizerSpec> optimizer = OptimizerFromProto(proto.optimizer());
  if (!optimizer.ok()) return optimizer.status();
  spec.search.optimizer = *optimizer;
  spec.seed_given = proto.has_seed();
  spec.search.seed = proto.seed();
  absl::Status evaluation = SetEvaluation(proto.evaluation(), spec);
  if (!evaluation.ok()) return evaluation;
  absl::StatusOr<StopCriteria> stop = StopCriteriaFromProto(proto.stop());
  if (!stop.ok()) return stop.status();
  spec.stop = *stop;
  absl::StatusOr<std::vector<InitialPoint>> points =
      InitialPointsFromProto(proto, spec.search, *goal == Goal::kMaximize);
  if (!points.ok()) return points.status();
  spec.search.initial_points = *std::move(points);
  return spec;
}

}  // namespace polystep
