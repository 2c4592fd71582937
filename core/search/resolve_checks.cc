#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/base/field_error.h"
#include "core/search/resolve_method.h"

namespace polystep {
namespace {

absl::Status CheckSchedule(const std::string& field, const std::optional<Schedule>& schedule) {
  if (!schedule) return absl::OkStatus();
  const bool constant = schedule->kind == Schedule::Kind::kConstant;
  if (schedule->kind > Schedule::Kind::kCosine) return FieldError(field + ".kind", "is unknown");
  if (!std::isfinite(schedule->initial) || schedule->initial <= 0.0) {
    return FieldError(field + ".initial",
                      absl::StrCat("must be finite and above 0, is ", schedule->initial));
  }
  if (!constant && (!std::isfinite(schedule->target) || schedule->target <= 0.0)) {
    return FieldError(field + ".target",
                      absl::StrCat("must be finite and above 0, is ", schedule->target));
  }
  if (!std::isfinite(schedule->decay) || schedule->decay < 0.0) {
    return FieldError(field + ".decay",
                      absl::StrCat("must be finite and at least 0, is ", schedule->decay));
  }
  if (schedule->total_steps < 0) {
    return FieldError(field + ".total_steps",
                      absl::StrCat("must be at least 0, is ", schedule->total_steps));
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

absl::Status Refuse(bool given, const char* field, const char* method) {
  if (!given) return absl::OkStatus();
  return FieldError(absl::StrCat("optimizer.", field), absl::StrCat("is not used by ", method));
}

}  // namespace

absl::Status CheckFields(const OptimizerSpec& spec, const SearchSpace& space) {
  const auto dimension = static_cast<uint64_t>(space.dimension());
  for (const absl::Status& status : {CheckSchedule("optimizer.epsilon", spec.epsilon),
                                     CheckSchedule("optimizer.step_radius", spec.step_radius),
                                     CheckSchedule("optimizer.probe_radius", spec.probe_radius),
                                     CheckCount("optimizer.particles", spec.particles, 1'000'000),
                                     CheckCount("optimizer.particle_dim", spec.particle_dim, 16),
                                     CheckCount("optimizer.frame_size", spec.frame_size, dimension),
                                     CheckCount("optimizer.probes", spec.probes, 64)}) {
    if (!status.ok()) return status;
  }
  if (spec.polytope && *spec.polytope > Polytope::kCube) {
    return FieldError("optimizer.polytope", "is unknown");
  }
  if (spec.loss_scale && *spec.loss_scale > LossScale::kRowRank) {
    return FieldError("optimizer.loss_scale", "is unknown");
  }
  if (spec.loss_scale_constant &&
      (!std::isfinite(*spec.loss_scale_constant) || *spec.loss_scale_constant <= 0.0)) {
    return FieldError("optimizer.loss_scale_constant",
                      absl::StrCat("must be finite and above 0, is ", *spec.loss_scale_constant));
  }
  return absl::OkStatus();
}

absl::Status CheckMethodFields(const OptimizerSpec& spec) {
  const bool metric = spec.method == Method::kMetric;
  const bool block = spec.method == Method::kBlock;
  const bool flip = spec.method == Method::kFlip;
  const char* name = metric  ? "POLYSTEP_METRIC"
                     : flip  ? "POLYSTEP_FLIP"
                     : block ? "POLYSTEP_BLOCK"
                             : "POLYSTEP_POPULATION";
  for (const absl::Status& status :
       {Refuse(spec.particles.has_value() && spec.method != Method::kPopulation, "particles", name),
        Refuse(spec.particle_dim.has_value() && !block, "particle_dim", name),
        Refuse(spec.probes.has_value() && !block, "probes", name),
        Refuse(spec.probe_radius.has_value() && !block, "probe_radius", name),
        Refuse(spec.frame_size.has_value() && !metric, "frame_size", name),
        Refuse(spec.restarts.has_value() && !metric, "restarts", name),
        Refuse(spec.polytope.has_value() && flip, "polytope", name),
        Refuse(spec.step_radius.has_value() && flip, "step_radius", name),
        Refuse(spec.loss_scale.has_value() && (metric || flip), "loss_scale", name),
        Refuse(spec.loss_scale_constant.has_value() && (metric || flip), "loss_scale_constant",
               name)}) {
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
