// The surrogate of spaces with lattice coordinates: quadratic models of the losses around the best
// point, and the points they propose.
//
// Two models take turns. The slice model sees the points with the lattice values of the best one
// and proposes the minimiser over the continuous coordinates. The joint model sees all points, a
// lattice value as the middle of its cell, and proposes a minimum on the lattice
// (lattice_minimum.h). Each has a trust radius that moves with success, and pauses after failures.
// Losses are noise-free. One owner at a time.
#ifndef POLYSTEP_CORE_METHOD_LATTICE_SURROGATE_H_
#define POLYSTEP_CORE_METHOD_LATTICE_SURROGATE_H_

#include <array>
#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "core/base/bytes.h"
#include "core/method/metric_model.h"
#include "core/method/quadratic_model.h"
#include "core/space/search_space.h"

namespace polystep {

class LatticeSurrogate {
 public:
  // Not too many coordinates, and neither categoricals nor curved integers. Nor lists of discrete
  // values where nothing is continuous: local moves alone were as good there (12 standard parts).
  static bool Suits(const SearchSpace& space, absl::Span<const uint32_t> active);

  // `active` are the coordinates with more than one value; with none there is never a proposal.
  LatticeSurrogate(const SearchSpace& space, std::vector<uint32_t> active);

  // Forgets everything, for a new start.
  void Reset();

  // Points are whole, with all coordinates of the space. One that was answered with a loss.
  void Add(absl::Span<const double> point, double loss);

  // A point worth an evaluation, or none. `metric` moves the active coordinates.
  std::vector<std::vector<double>> Propose(const MetricModel& metric, absl::Span<const double> best,
                                           double best_loss);

  // What became of the last proposal: whether it was better than the best before. The factor, at
  // most 1, by which the metric's moves should shrink.
  double Judge(bool better);

  // It was not answered, which says nothing of it: one of its kind may follow a turn later.
  void TryAgain();

  void Save(ByteWriter& writer) const;
  bool Restore(ByteReader& reader);

 private:
  enum Kind : uint8_t { kSlice = 0, kJoint = 1 };
  struct Trust {
    double radius;
    uint32_t wait;   // turns without proposals to come
    uint32_t pause;  // their number after the next failure
  };
  // A model of displacements from the base, in units, of the coordinates `seen`.
  struct Fitted {
    QuadraticModel model;
    std::vector<size_t> seen;
    std::vector<double> units;
  };

  void Snap(absl::Span<double> point) const;  // of active coordinates, to the middles of cells
  std::vector<size_t> Nearest(Kind kind, absl::Span<const double> base, Fitted& fitted,
                              QuadraticForm& form) const;
  bool Fit(Kind kind, const MetricModel& metric, absl::Span<const double> base, double base_loss,
           Fitted& fitted) const;
  // Moves `point` from the base; false if there is nothing to propose.
  bool ProposeSlice(const Fitted& fitted, const MetricModel& metric, absl::Span<double> point);
  bool ProposeJoint(const Fitted& fitted, absl::Span<double> point);
  bool Known(absl::Span<const double> point) const;

  std::vector<uint32_t> active_;
  std::vector<SearchSpace::Coordinate> coordinates_;  // the active ones
  size_t capacity_;

  std::vector<double> points_;  // of active coordinates, snapped; a ring once it is full
  std::vector<double> losses_;
  uint64_t oldest_ = 0;
  uint64_t added_ = 0;   // since the last joint model
  bool slices_ = false;  // the last slice had enough points for a model
  std::array<Trust, 2> trusts_;

  // Of the last proposal.
  Kind turn_ = kJoint;
  double length_ = 0.0;  // of a slice's, in deviations
  double reach_ = 0.0;   // in trust radii
};

}  // namespace polystep

#endif  // POLYSTEP_CORE_METHOD_LATTICE_SURROGATE_H_
