#include "core/search/resolve.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/base/field_error.h"
#include "core/method/block.h"
#include "core/method/metric.h"
#include "core/method/population.h"
#include "core/random/portable_math.h"

namespace polystep {
namespace {

Schedule Constant(double value) {
  Schedule schedule;
  schedule.initial = value;
  schedule.target = value;
  return schedule;
}

// Decays over the study's horizon, or stays where there is none.
Schedule Decaying(double initial, double target, int64_t steps) {
  if (steps <= 0) return Constant(initial);
  Schedule schedule;
  schedule.kind = Schedule::Kind::kCosine;
  schedule.initial = initial;
  schedule.target = target;
  schedule.total_steps = steps;
  return schedule;
}

int64_t HorizonSteps(const ResolveRequest& request, uint64_t evaluations_per_step) {
  int64_t steps = request.horizon_steps;
  if (request.horizon_evaluations > 0) {
    const auto per_step =
        static_cast<int64_t>(std::max<uint64_t>(1, evaluations_per_step * request.repeats));
    const int64_t fit = std::max<int64_t>(1, request.horizon_evaluations / per_step);
    steps = steps > 0 ? std::min(steps, fit) : fit;
  }
  return steps;
}

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

// The fields of one method; those of the others are refused, not ignored.
absl::Status CheckMethodFields(const OptimizerSpec& spec) {
  const bool metric = spec.method == Method::kMetric;
  const bool block = spec.method == Method::kBlock;
  const char* name = metric ? "POLYSTEP_METRIC" : block ? "POLYSTEP_BLOCK" : "POLYSTEP_POPULATION";
  for (const absl::Status& status :
       {Refuse(spec.particles.has_value() && spec.method != Method::kPopulation, "particles", name),
        Refuse(spec.particle_dim.has_value() && !block, "particle_dim", name),
        Refuse(spec.probes.has_value() && !block, "probes", name),
        Refuse(spec.probe_radius.has_value() && !block, "probe_radius", name),
        Refuse(spec.frame_size.has_value() && !metric, "frame_size", name),
        Refuse(spec.restarts.has_value() && !metric, "restarts", name),
        Refuse(spec.loss_scale.has_value() && metric, "loss_scale", name),
        Refuse(spec.loss_scale_constant.has_value() && metric, "loss_scale_constant", name)}) {
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

void ResolveLossScale(OptimizerSpec& spec) {
  if (!spec.loss_scale) spec.loss_scale = LossScale::kRowDeviation;
  if (*spec.loss_scale == LossScale::kConstant && !spec.loss_scale_constant) {
    spec.loss_scale_constant = 1.0;
  }
}

// An orthoplex of k directions, k = (4 + 3 ln D) / 2: the samples CMA-ES would draw.
uint32_t AutomaticFrameSize(int64_t dimension) {
  const double half = (4.0 + 3.0 * PortableLog(static_cast<double>(dimension))) / 2.0;
  const auto size = std::max<int64_t>(2, static_cast<int64_t>(std::floor(half)));
  return static_cast<uint32_t>(std::min(size, dimension));
}

uint64_t CeilDivide(uint64_t a, uint64_t b) { return (a + b - 1) / b; }

absl::Status ResolveMetric(const ResolveRequest& request, const SearchSpace& space,
                           OptimizerSpec& spec) {
  if (spec.polytope && *spec.polytope != Polytope::kOrthoplex) {
    return FieldError("optimizer.polytope", "POLYSTEP_METRIC needs the orthoplex");
  }
  spec.polytope = Polytope::kOrthoplex;
  if (!spec.frame_size) spec.frame_size = AutomaticFrameSize(space.dimension());
  const bool lattice = IsMostlyLattice(space);
  if (!spec.epsilon) spec.epsilon = Constant(lattice ? 0.15 : 0.25);
  // Above ten coordinates a first displacement keeps its length, not its share of every one: the
  // radius adapts by a factor in as many steps as there are coordinates.
  const double share = std::min(1.0, std::sqrt(10.0 / static_cast<double>(space.dimension())));
  if (!spec.step_radius) spec.step_radius = Constant((lattice ? 0.2 : 0.3) * share);
  if (spec.epsilon->kind != Schedule::Kind::kConstant) {
    return FieldError("optimizer.epsilon.kind", "POLYSTEP_METRIC takes a constant");
  }
  if (spec.step_radius->kind != Schedule::Kind::kConstant) {
    return FieldError("optimizer.step_radius.kind",
                      "POLYSTEP_METRIC adapts its radius from a constant initial one");
  }
  if (!spec.restarts) spec.restarts = true;
  const uint64_t row = uint64_t{2} * *spec.frame_size;
  const uint64_t fewest = lattice && spec.parallelism == 0 ? 3 : 1;
  const uint64_t rows = std::max(fewest, CeilDivide(spec.parallelism, row));
  if (absl::Status s = CheckStepSize((row * rows) << kMostDoublings, request.repeats); !s.ok()) {
    return s;
  }
  spec.parallelism = static_cast<uint32_t>(row * rows);
  return absl::OkStatus();
}

absl::Status ResolveBlock(const ResolveRequest& request, const SearchSpace& space,
                          OptimizerSpec& spec) {
  if (!spec.polytope) spec.polytope = Polytope::kOrthoplex;
  if (!spec.particle_dim) spec.particle_dim = 2;
  ResolveLossScale(spec);
  const auto dim = static_cast<uint64_t>(*spec.particle_dim);
  const uint64_t vertices =
      static_cast<uint64_t>(VertexCount(*spec.polytope, static_cast<int>(*spec.particle_dim)));
  const uint64_t row_count = CeilDivide(static_cast<uint64_t>(space.dimension()), dim);
  if (!spec.probes) {
    spec.probes = static_cast<uint32_t>(
        std::clamp<uint64_t>(CeilDivide(spec.parallelism, row_count * vertices), 1, 64));
  }
  const uint64_t count = row_count * vertices * *spec.probes;
  if (absl::Status s = CheckStepSize(count, request.repeats); !s.ok()) return s;
  if (spec.parallelism > count) {
    return FieldError("optimizer.parallelism",
                      absl::StrCat("is ", spec.parallelism, ", the blocks of this space offer ",
                                   count, " evaluations a step"));
  }
  const int64_t steps = HorizonSteps(request, count);
  if (!spec.epsilon) spec.epsilon = Constant(1.0);
  if (!spec.step_radius) spec.step_radius = Decaying(0.1, 0.001, steps);
  if (!spec.probe_radius) spec.probe_radius = Decaying(0.2, 0.002, steps);
  spec.parallelism = static_cast<uint32_t>(count);
  return absl::OkStatus();
}

absl::Status ResolvePopulation(const ResolveRequest& request, const SearchSpace& space,
                               OptimizerSpec& spec) {
  if (space.dimension() > kMaxPopulationDimension) {
    return FieldError("optimizer.method",
                      absl::StrCat("POLYSTEP_POPULATION rotates all ", space.dimension(),
                                   " coordinates at once, the limit is ", kMaxPopulationDimension));
  }
  if (!spec.polytope) spec.polytope = Polytope::kOrthoplex;
  if (*spec.polytope == Polytope::kCube && space.dimension() > 16) {
    return FieldError(
        "optimizer.polytope",
        absl::StrCat("a cube of ", space.dimension(),
                     " dimensions has too many vertices, the limit is 16 dimensions"));
  }
  ResolveLossScale(spec);
  const auto vertices =
      static_cast<uint64_t>(VertexCount(*spec.polytope, static_cast<int>(space.dimension())));
  if (!spec.particles) {
    spec.particles =
        static_cast<uint32_t>(std::max<uint64_t>(1, CeilDivide(spec.parallelism, vertices)));
  }
  const uint64_t count = vertices * *spec.particles;
  if (absl::Status s = CheckStepSize(count, request.repeats); !s.ok()) return s;
  if (spec.parallelism > count) {
    return FieldError(
        "optimizer.particles",
        absl::StrCat("is ", *spec.particles, ", too few for a parallelism of ", spec.parallelism));
  }
  if (!spec.epsilon) spec.epsilon = Constant(0.5);
  if (!spec.step_radius) {
    spec.step_radius = Decaying(0.25, 0.0025, HorizonSteps(request, count));
  }
  spec.parallelism = static_cast<uint32_t>(count);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<OptimizerSpec> ResolveOptimizer(const ResolveRequest& request,
                                               const SearchSpace& space) {
  OptimizerSpec spec = request.optimizer;
  if (spec.method > Method::kMetric) return FieldError("optimizer.method", "is unknown");
  if (spec.method == Method::kAutomatic) spec.method = Method::kMetric;
  if (absl::Status s = CheckFields(spec, space); !s.ok()) return s;
  if (absl::Status s = CheckMethodFields(spec); !s.ok()) return s;
  if (absl::Status s = CheckStepSize(spec.parallelism, request.repeats); !s.ok()) return s;
  absl::Status status = spec.method == Method::kMetric  ? ResolveMetric(request, space, spec)
                        : spec.method == Method::kBlock ? ResolveBlock(request, space, spec)
                                                        : ResolvePopulation(request, space, spec);
  if (!status.ok()) return status;
  return spec;
}

std::unique_ptr<StepRule> MakeStepRule(const OptimizerSpec& resolved, RuleContext context) {
  if (resolved.method == Method::kMetric) {
    MetricOptions options;
    options.frame_size = *resolved.frame_size;
    options.rows = resolved.parallelism / (2 * *resolved.frame_size);
    options.temperature = resolved.epsilon->initial;
    options.radius = resolved.step_radius->initial;
    options.restarts = *resolved.restarts;
    return std::make_unique<MetricRule>(std::move(context), options);
  }
  if (resolved.method == Method::kBlock) {
    BlockOptions options;
    options.polytope = *resolved.polytope;
    options.particle_dim = *resolved.particle_dim;
    options.probes = *resolved.probes;
    options.epsilon = *resolved.epsilon;
    options.step_radius = *resolved.step_radius;
    options.probe_radius = *resolved.probe_radius;
    options.loss_scale = *resolved.loss_scale;
    options.loss_scale_constant = resolved.loss_scale_constant.value_or(1.0);
    return std::make_unique<BlockRule>(std::move(context), options);
  }
  PopulationOptions options;
  options.polytope = *resolved.polytope;
  options.particles = *resolved.particles;
  options.epsilon = *resolved.epsilon;
  options.step_radius = *resolved.step_radius;
  options.loss_scale = *resolved.loss_scale;
  options.loss_scale_constant = resolved.loss_scale_constant.value_or(1.0);
  return std::make_unique<PopulationRule>(std::move(context), options);
}

}  // namespace polystep
