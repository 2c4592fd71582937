// Every preset, and compositions that together use every part a step can have: for tests of what
// holds for all of them.
#ifndef POLYSTEP_TESTS_UNIT_CORE_SEARCH_COMPOSITIONS_H_
#define POLYSTEP_TESTS_UNIT_CORE_SEARCH_COMPOSITIONS_H_

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "tests/unit/core/search/search_drive.h"

namespace polystep {

struct Composition {
  std::string name;
  SearchSpec spec;
  // Whether losses times a power of two, losses plus a constant, and (with ranks) losses under any
  // rising function make the same candidates. The adaptive radius compares losses relatively.
  bool offset_free = true;
  bool rank_only = false;
};

inline void PrintTo(const Composition& composition, std::ostream* out) { *out << composition.name; }

inline Schedule FixedSchedule(double value) {
  Schedule schedule;
  schedule.initial = value;
  schedule.target = value;
  return schedule;
}

inline Composition Compose(std::string name, Method method,
                           const std::function<void(OptimizerSpec&)>& change) {
  Composition composition;
  composition.name = std::move(name);
  composition.spec.seed = 11;
  composition.spec.parameters = RealParameters(5);
  composition.spec.optimizer.method = method;
  change(composition.spec.optimizer);
  composition.rank_only = composition.spec.optimizer.loss_scale == LossScale::kRowRank &&
                          composition.spec.optimizer.radius_control != RadiusControl::kAdaptive;
  composition.offset_free = composition.spec.optimizer.radius_control != RadiusControl::kAdaptive;
  return composition;
}

inline std::vector<Composition> BlockCompositions() {
  Schedule ramp = FixedSchedule(0.3);
  ramp.kind = Schedule::Kind::kRamp;
  ramp.target = 0.8;
  ramp.total_steps = 12;
  std::vector<Composition> all;
  const auto add = [&](std::string name, const std::function<void(OptimizerSpec&)>& change) {
    all.push_back(Compose(std::move(name), Method::kBlock, change));
  };
  add("Block", [](OptimizerSpec&) {});
  add("BlockTopK", [](OptimizerSpec& s) {
    s.solver = Solver::kTopK;
    s.top_k = 1;
    s.particle_dim = 3;
    s.loss_scale = LossScale::kRowRank;
  });
  add("BlockSinkhornMomentum", [&](OptimizerSpec& s) {
    s.solver = Solver::kSinkhorn;
    s.momentum = ramp;
    s.loss_scale = LossScale::kRowRank;
  });
  add("BlockKlCoasting", [](OptimizerSpec& s) {
    s.solver = Solver::kKlSoftmax;
    s.kl_penalty = 0.5;
    s.coast_steps = 3;
  });
  add("BlockAdaptive", [&](OptimizerSpec& s) {
    s.momentum = ramp;
    s.radius_control = RadiusControl::kAdaptive;
    s.probes = 2;
    s.polytope = Polytope::kCube;
  });
  add("BlockTrustRegion", [](OptimizerSpec& s) {
    s.quadratic_model = true;
    s.radius_control = RadiusControl::kTrustRegion;
    s.particle_dim = 3;
  });
  add("BlockQuadraticSimplex", [](OptimizerSpec& s) {
    s.quadratic_model = true;
    s.probes = 3;
    s.polytope = Polytope::kSimplex;
    s.biased_rotation = true;
  });
  add("BlockSubspace", [&](OptimizerSpec& s) {
    s.subspace = SubspaceSpec{2, {}, 4};
    s.momentum = ramp;
    s.biased_rotation = true;
    s.particle_dim = 4;
  });
  SearchSpec& subspace = all.back().spec;
  subspace.parameters.clear();
  subspace.tensors = {{"w", {9, 8}, TensorKind::kReal, {}, {}, {}},
                      {"b", {3}, TensorKind::kReal, -4.0, 4.0, {}}};
  return all;
}

inline std::vector<Composition> Compositions() {
  std::vector<Composition> all = BlockCompositions();
  all.push_back(Compose("Metric", Method::kMetric, [](OptimizerSpec&) {}));
  all.push_back(Compose("Population", Method::kPopulation, [](OptimizerSpec&) {}));
  all.push_back(Compose("Rows", Method::kRows, [](OptimizerSpec&) {}));
  all.back().spec.parameters.clear();
  all.back().spec.tensors = {{"w", {3, 8}, TensorKind::kReal, {}, {}, {}},
                             {"b", {3}, TensorKind::kReal, -4.0, 4.0, {}}};
  all.push_back(Compose("PopulationAll", Method::kPopulation, [](OptimizerSpec& s) {
    s.particles = 3;
    s.solver = Solver::kSinkhorn;
    s.momentum = FixedSchedule(0.5);
    s.coast_steps = 2;
    s.radius_control = RadiusControl::kAdaptive;
  }));
  all.push_back(Compose("PopulationRankSimplex", Method::kPopulation, [](OptimizerSpec& s) {
    s.particles = 2;
    s.polytope = Polytope::kSimplex;
    s.loss_scale = LossScale::kRowRank;
  }));
  return all;
}

}  // namespace polystep

#endif  // POLYSTEP_TESTS_UNIT_CORE_SEARCH_COMPOSITIONS_H_
