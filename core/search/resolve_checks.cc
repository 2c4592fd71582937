#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/base/field_error.h"
#include "core/search/resolve_method.h"

namespace polystep {
namespace {

absl::Status CheckPositive(const std::string& field, double value) {
  if (std::isfinite(value) && value > 0.0) return absl::OkStatus();
  return FieldError(field, absl::StrCat("must be finite and above 0, is ", value));
}

absl::Status CheckBelowOne(const std::string& field, double value) {
  if (value >= 0.0 && value < 1.0) return absl::OkStatus();
  return FieldError(field, absl::StrCat("must lie in [0, 1), is ", value));
}

absl::Status CheckSchedule(const std::string& field, const std::optional<Schedule>& schedule,
                           absl::Status (*check_value)(const std::string&,
                                                       double) = CheckPositive) {
  if (!schedule) return absl::OkStatus();
  const bool constant = schedule->kind == Schedule::Kind::kConstant;
  if (schedule->kind > Schedule::Kind::kRamp) return FieldError(field + ".kind", "is unknown");
  if (absl::Status s = check_value(field + ".initial", schedule->initial); !s.ok()) return s;
  if (!constant) {
    if (absl::Status s = check_value(field + ".target", schedule->target); !s.ok()) return s;
  }
  if (!std::isfinite(schedule->decay) || schedule->decay < 0.0) {
    return FieldError(field + ".decay",
                      absl::StrCat("must be finite and at least 0, is ", schedule->decay));
  }
  const int64_t fewest = schedule->kind == Schedule::Kind::kRamp ? 1 : 0;
  if (schedule->total_steps < fewest) {
    return FieldError(field + ".total_steps",
                      absl::StrCat("must be at least ", fewest, ", is ", schedule->total_steps));
  }
  if (!(schedule->restart_multiplier >= 1.0) || schedule->restart_multiplier > 100.0) {
    return FieldError(field + ".restart_multiplier",
                      absl::StrCat("must lie in [1, 100], is ", schedule->restart_multiplier));
  }
  return absl::OkStatus();
}

absl::Status CheckCount(const std::string& field, const std::optional<uint32_t>& count,
                        uint64_t limit) {
  if (!count || (*count >= 1 && *count <= limit)) return absl::OkStatus();
  return FieldError(field, absl::StrCat("must lie in [1, ", limit, "], is ", *count));
}

template <class Enum>
absl::Status CheckEnum(const char* field, const std::optional<Enum>& value, Enum last) {
  if (!value || *value <= last) return absl::OkStatus();
  return FieldError(field, "is unknown");
}

absl::Status Refuse(bool given, const char* field, const char* method) {
  if (!given) return absl::OkStatus();
  return FieldError(absl::StrCat("optimizer.", field), absl::StrCat("is not used by ", method));
}

}  // namespace

absl::Status CheckFields(const OptimizerSpec& spec, const SearchSpace& space) {
  const auto dimension = static_cast<uint64_t>(space.dimension());
  for (const absl::Status& status :
       {CheckSchedule("optimizer.epsilon", spec.epsilon),
        CheckSchedule("optimizer.step_radius", spec.step_radius),
        CheckSchedule("optimizer.probe_radius", spec.probe_radius),
        CheckSchedule("optimizer.momentum", spec.momentum, CheckBelowOne),
        CheckCount("optimizer.particles", spec.particles, 1'000'000),
        CheckCount("optimizer.particle_dim", spec.particle_dim, 16),
        CheckCount("optimizer.frame_size", spec.frame_size, dimension),
        CheckCount("optimizer.probes", spec.probes, 64),
        CheckCount("optimizer.top_k", spec.top_k, 1'000'000),
        CheckCount("optimizer.coast_steps", spec.coast_steps, 100),
        CheckEnum("optimizer.polytope", spec.polytope, Polytope::kCube),
        CheckEnum("optimizer.loss_scale", spec.loss_scale, LossScale::kRowRank),
        CheckEnum("optimizer.solver", spec.solver, Solver::kKlSoftmax),
        CheckEnum("optimizer.radius_control", spec.radius_control, RadiusControl::kTrustRegion),
        CheckPositive("optimizer.loss_scale_constant", spec.loss_scale_constant.value_or(1.0)),
        CheckPositive("optimizer.kl_penalty", spec.kl_penalty.value_or(1.0))}) {
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status CheckMethodFields(const OptimizerSpec& spec) {
  const bool metric = spec.method == Method::kMetric;
  const bool block = spec.method == Method::kBlock;
  const bool flip = spec.method == Method::kFlip;
  const bool rows = spec.method == Method::kRows;
  const bool polytopes = !metric && !flip && !rows;
  const char* name = metric  ? "POLYSTEP_METRIC"
                     : flip  ? "POLYSTEP_FLIP"
                     : rows  ? "POLYSTEP_ROWS"
                     : block ? "POLYSTEP_BLOCK"
                             : "POLYSTEP_POPULATION";
  for (const absl::Status& status :
       {Refuse(spec.particles.has_value() && spec.method != Method::kPopulation, "particles", name),
        Refuse(spec.particle_dim.has_value() && !block, "particle_dim", name),
        Refuse(spec.probes.has_value() && !block, "probes", name),
        Refuse(spec.probe_radius.has_value() && !block && !rows, "probe_radius", name),
        Refuse(spec.quadratic_model.has_value() && !block, "quadratic_model", name),
        Refuse(spec.biased_rotation.has_value() && !block, "biased_rotation", name),
        Refuse(spec.subspace.has_value() && !block, "subspace", name),
        Refuse(spec.frame_size.has_value() && !metric && !rows, "frame_size", name),
        Refuse(spec.weight_decay.has_value() && !rows, "weight_decay", name),
        Refuse(spec.restarts.has_value() && !metric, "restarts", name),
        Refuse(spec.polytope.has_value() && (flip || rows), "polytope", name),
        Refuse(spec.step_radius.has_value() && flip, "step_radius", name),
        Refuse(spec.loss_scale.has_value() && !polytopes, "loss_scale", name),
        Refuse(spec.loss_scale_constant.has_value() && !polytopes, "loss_scale_constant", name),
        Refuse(spec.solver.has_value() && !polytopes, "solver", name),
        Refuse(spec.top_k.has_value() && !polytopes, "top_k", name),
        Refuse(spec.kl_penalty.has_value() && !polytopes, "kl_penalty", name),
        Refuse(spec.momentum.has_value() && !polytopes, "momentum", name),
        Refuse(spec.coast_steps.has_value() && !polytopes, "coast_steps", name),
        Refuse(spec.radius_control.has_value() && !polytopes, "radius_control", name)}) {
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status CheckStepSize(uint64_t evaluations, uint32_t repeats) {
  if (evaluations <= kMaxStepEvaluations / repeats) return absl::OkStatus();
  return FieldError("optimizer.parallelism",
                    absl::StrCat("a step would have ", evaluations, " evaluations and ", repeats,
                                 " repeats of each, the limit is ", kMaxStepEvaluations));
}

}  // namespace polystep
