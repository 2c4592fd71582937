// Which method moves the particles, and its constants. Everything absent is chosen by Resolve
// (core/search/resolve.h) once, when a study is created, and stored resolved.
#ifndef POLYSTEP_CORE_SEARCH_OPTIMIZER_SPEC_H_
#define POLYSTEP_CORE_SEARCH_OPTIMIZER_SPEC_H_

#include <cstdint>
#include <optional>

#include "core/frames/polytope.h"
#include "core/method/radius_control.h"
#include "core/schedule/schedule.h"
#include "core/transport/transport_weights.h"

namespace polystep {

enum class Method : uint8_t {
  kAutomatic = 0,   // METHOD_UNSPECIFIED: resolved to one of the others
  kBlock = 1,       // POLYSTEP_BLOCK: the solution cut into coordinate blocks
  kPopulation = 2,  // POLYSTEP_POPULATION: every particle is a whole candidate
  kMetric = 3,      // POLYSTEP_METRIC: small frames mapped through a learned metric
  kFlip = 4,        // POLYSTEP_FLIP: single flips of bits, many taken at once
  kRows = 5,        // POLYSTEP_ROWS: small random frames inside every row of real tensors
};

// kBlock: the coordinates are those of a hybrid subspace of the tensors (core/subspace).
struct SubspaceSpec {
  std::optional<uint32_t> rank;           // of tensors with two axes or more
  std::optional<uint32_t> max_dimension;  // of the whole subspace; none: what the rank gives
  std::optional<uint32_t> redraw_every;   // steps a basis is kept; 0: for ever

  friend bool operator==(const SubspaceSpec&, const SubspaceSpec&) = default;
};

struct OptimizerSpec {
  Method method = Method::kAutomatic;
  uint32_t parallelism = 0;  // a step offers at least this many evaluations; 0: the method's choice

  std::optional<Polytope> polytope;
  std::optional<uint32_t> particles;     // kPopulation: P >= 1
  std::optional<uint32_t> particle_dim;  // kBlock: coordinates of a block, 1 to 16
  std::optional<uint32_t> frame_size;    // kMetric, kRows: directions of a frame
  std::optional<uint32_t> probes;        // kBlock: K >= 1 probes per vertex

  std::optional<Schedule> epsilon;       // temperature
  std::optional<Schedule> step_radius;   // absolute, in coordinates (see the method's page)
  std::optional<Schedule> probe_radius;  // kBlock: probes lie at k/(K+1) of it; kRows: at it
  std::optional<LossScale> loss_scale;
  std::optional<double> loss_scale_constant;
  std::optional<double> weight_decay;  // kRows: share of itself a coordinate loses, per step radius
  // kMetric: start over from a new point when the search has collapsed; default true.
  std::optional<bool> restarts;

  // kBlock and kPopulation. What a step is made of beside the polytope.
  std::optional<Solver> solver;         // losses to weights
  std::optional<uint32_t> top_k;        // of Solver::kTopK, below the number of vertices
  std::optional<double> kl_penalty;     // of Solver::kKlSoftmax, > 0
  std::optional<Schedule> momentum;     // beta in [0, 1); none: no momentum
  std::optional<uint32_t> coast_steps;  // steps of one evaluated step; 1: no coasting
  std::optional<RadiusControl> radius_control;
  // kBlock.
  std::optional<bool> quadratic_model;  // refines moves; one probe evaluates the center as well
  std::optional<bool> biased_rotation;  // a vertex repeats the last move
  std::optional<SubspaceSpec> subspace;
};

}  // namespace polystep

#endif  // POLYSTEP_CORE_SEARCH_OPTIMIZER_SPEC_H_
