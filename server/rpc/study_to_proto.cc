#include "server/rpc/study_to_proto.h"

#include "server/rpc/enum_tables.h"
#include "server/rpc/optimizer_proto.h"
#include "server/rpc/resource_names.h"
#include "server/rpc/spec_to_proto.h"
#include "server/rpc/time_proto.h"

namespace polystep {
namespace {

void AddParameters(const std::vector<ParameterSpec>& specs, const Point& point,
                   v1::Solution& proto) {
  for (size_t i = 0; i < point.parameters.size(); ++i) {
    *proto.add_parameters() = ValueToProto(specs[i], point.parameters[i]);
  }
}

v1::Counters CountersToProto(const Counters& counters) {
  v1::Counters proto;
  proto.set_infeasible(counters.infeasible);
  proto.set_transient(counters.transient);
  proto.set_lost(counters.lost);
  proto.set_duplicate(counters.duplicate);
  proto.set_stale(counters.stale);
  proto.set_conflicting(counters.conflicting);
  proto.set_reused(counters.reused);
  proto.set_score(counters.score);
  return proto;
}

}  // namespace

v1::Study StudyToProto(const StudyView& study) {
  v1::Study proto;
  proto.set_name(StudyName(study.id));
  proto.set_uid(study.uid);
  proto.set_etag(study.etag);
  proto.set_display_name(study.display_name);
  proto.mutable_labels()->insert(study.labels.begin(), study.labels.end());
  *proto.mutable_spec() = SpecToProto(study.spec);
  proto.set_state(EnumToProto(kStudyStates, study.state));
  proto.set_state_reason(study.state_reason);
  proto.set_step(study.step);
  proto.set_evaluations(study.evaluations);
  if (study.best) {
    v1::Solution& best = *proto.mutable_best();
    best.set_loss(study.best->loss);
    best.set_step(study.best->step);
    best.set_index(study.best->index);
    best.set_violation(study.best->violation);
    AddParameters(study.spec.search.parameters, study.best->point, best);
  }
  proto.set_trajectory_digest(study.trajectory_digest);
  *proto.mutable_counters() = CountersToProto(study.counters);
  *proto.mutable_create_time() = TimeToProto(study.create_time);
  *proto.mutable_update_time() = TimeToProto(study.update_time);
  v1::OptimizerSpec& effective = *proto.mutable_effective_optimizer();
  effective = OptimizerToProto(study.effective_optimizer);
  effective.set_horizon_evaluations(study.spec.search.horizon_evaluations);
  effective.set_horizon_steps(study.spec.search.horizon_steps);
  proto.set_algorithm_revision(study.algorithm_revision);
  return proto;
}

v1::StepRecord StepToProto(const StepRow& row) {
  v1::StepRecord proto;
  const StepSummary& summary = row.summary;
  proto.set_step(summary.step);
  proto.set_evaluations(summary.evaluations);
  proto.set_reused(summary.reused);
  proto.set_infeasible(summary.infeasible);
  proto.set_masked(summary.masked);
  if (summary.best_loss) proto.set_best_loss(*summary.best_loss);
  if (summary.mean_loss) proto.set_mean_loss(*summary.mean_loss);
  if (summary.score) proto.set_score(*summary.score);
  proto.set_step_radius(summary.step_radius);
  proto.set_probe_distance(summary.probe_distance);
  proto.set_linear_rate(summary.linear_rate);
  proto.set_improved(summary.improved);
  proto.set_digest(row.digest);
  *proto.mutable_commit_time() = TimeToProto(row.commit_time);
  return proto;
}

v1::Solution SolutionToProto(const Engine::SolutionView& solution) {
  v1::Solution proto;
  if (solution.loss) proto.set_loss(*solution.loss);
  proto.set_step(solution.step);
  proto.set_index(solution.index);
  proto.set_violation(solution.violation);
  if (solution.space) AddParameters(solution.space->parameters(), solution.point, proto);
  return proto;
}

}  // namespace polystep
