#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/base/field_error.h"
#include "core/search/resolve_method.h"
#include "core/subspace/subspace.h"

namespace polystep {
namespace {

// A coupled solution can take 2,000 passes over the entries: some seconds at this many.
constexpr uint64_t kMostCoupledEntries = uint64_t{1} << 17;
constexpr uint32_t kDefaultTopK = 3;
constexpr uint32_t kMostRank = 1'024;
constexpr uint32_t kDefaultRank = 4;
constexpr uint32_t kDefaultRedraw = 20;

absl::Status ResolveTopK(uint64_t vertices, OptimizerSpec& spec) {
  if (spec.solver != Solver::kTopK) {
    if (!spec.top_k) return absl::OkStatus();
    return FieldError("optimizer.top_k", "is of the solver TOP_K alone");
  }
  if (spec.epsilon) {
    return FieldError("optimizer.epsilon", "is not used by the solver TOP_K");
  }
  const uint64_t most = vertices - 1;
  if (!spec.top_k) spec.top_k = static_cast<uint32_t>(std::min<uint64_t>(kDefaultTopK, most));
  if (*spec.top_k <= most) return absl::OkStatus();
  return FieldError("optimizer.top_k",
                    absl::StrCat("is ", *spec.top_k, ", the limit is ", most, ": of ", vertices,
                                 " vertices some must be left out, or nothing moves"));
}

absl::Status CheckCoupled(uint64_t rows, uint64_t vertices, const OptimizerSpec& spec) {
  const bool soft = spec.solver == Solver::kKlSoftmax;
  if (spec.kl_penalty && !soft) {
    return FieldError("optimizer.kl_penalty", "is of the solver KL_SOFTMAX alone");
  }
  if (!soft && spec.solver != Solver::kSinkhorn) return absl::OkStatus();
  if (rows < 2) {
    return FieldError("optimizer.solver",
                      absl::StrCat(soft ? "KL_SOFTMAX" : "SINKHORN",
                                   " couples particles and needs at least 2, there is ", rows,
                                   soft ? "" : ": its weights would all be equal"));
  }
  if (rows <= kMostCoupledEntries / vertices) return absl::OkStatus();
  return FieldError(
      "optimizer.solver",
      absl::StrCat(soft ? "KL_SOFTMAX" : "SINKHORN", " would couple ", rows, " particles of ",
                   vertices, " vertices, the limit is ", kMostCoupledEntries, " in all"));
}

absl::Status CheckTensors(const SearchSpace& space) {
  bool compressible = false;
  for (const TensorSpec& tensor : space.tensors()) {
    if (tensor.kind != TensorKind::kReal) {
      return FieldError("optimizer.subspace",
                        absl::StrCat("mixes the numbers of tensors, which must be REAL: '",
                                     tensor.name, "' is not"));
    }
    compressible |= tensor.shape.size() > 1;
  }
  if (compressible) return absl::OkStatus();
  return FieldError("optimizer.subspace",
                    "needs a tensor of two axes or more: nothing else is compressed");
}

}  // namespace

absl::Status ResolveComposition(uint64_t rows, uint64_t vertices, OptimizerSpec& spec) {
  if (!spec.solver) spec.solver = Solver::kSoftmax;
  if (!spec.coast_steps) spec.coast_steps = 1;
  if (!spec.radius_control) spec.radius_control = RadiusControl::kSchedule;
  if (absl::Status s = ResolveTopK(vertices, spec); !s.ok()) return s;
  if (absl::Status s = CheckCoupled(rows, vertices, spec); !s.ok()) return s;
  if (spec.solver == Solver::kKlSoftmax && !spec.kl_penalty) spec.kl_penalty = 1.0;
  return absl::OkStatus();
}

absl::Status ResolveSubspace(const SearchSpace& space, OptimizerSpec& spec) {
  if (!spec.subspace) return absl::OkStatus();
  if (absl::Status s = CheckTensors(space); !s.ok()) return s;
  SubspaceSpec& subspace = *spec.subspace;
  if (!subspace.rank) subspace.rank = kDefaultRank;
  if (!subspace.redraw_every) subspace.redraw_every = kDefaultRedraw;
  if (*subspace.rank < 1 || *subspace.rank > kMostRank) {
    return FieldError("optimizer.subspace.rank",
                      absl::StrCat("must lie in [1, ", kMostRank, "], is ", *subspace.rank));
  }
  if (!subspace.max_dimension) return absl::OkStatus();
  uint64_t fewest = 0;
  for (const LayoutEntry& entry : LayoutOf(space, HybridOf(subspace))) {
    fewest += entry.compressed ? 1 : static_cast<uint64_t>(entry.coordinates);
  }
  if (*subspace.max_dimension >= fewest) return absl::OkStatus();
  return FieldError("optimizer.subspace.max_dimension",
                    absl::StrCat("is ", *subspace.max_dimension, ", the least is ", fewest,
                                 ": every number of a tensor with one axis, and one for every "
                                 "other tensor"));
}

TransportOptions TransportOf(const OptimizerSpec& resolved) {
  TransportOptions options;
  if (resolved.epsilon) options.epsilon = *resolved.epsilon;
  options.loss_scale = *resolved.loss_scale;
  options.loss_scale_constant = resolved.loss_scale_constant.value_or(1.0);
  options.solver = *resolved.solver;
  options.top_k = resolved.top_k.value_or(1);
  options.kl_penalty = resolved.kl_penalty.value_or(1.0);
  return options;
}

AccumulatorOptions AccumulatorOf(const OptimizerSpec& resolved) {
  return {resolved.momentum, *resolved.coast_steps};
}

HybridOptions HybridOf(const SubspaceSpec& subspace) {
  return {*subspace.rank, subspace.max_dimension};
}

}  // namespace polystep
