// The coordinates a method moves, and the directions of the space they stand for.
//
// Either the whole space (coordinate i is itself) or a hybrid subspace of its tensors: the point is
// base + B c with a random basis B per compressed tensor. Since that is linear, a move of c is
// added to the point at once; drawing another basis is then PolyStep's absorb-then-redraw (fold B c
// into the base, c = 0, new B) and costs nothing. The reference's own redraws move the point or
// repeat the basis; ours do neither.
//
// Bases of n numbers and m coordinates, columns of unit length (or expected): the identity for n =
// m; orthonormal for n > m, normal entries over sqrt(m) for n < m, both stored, where that is
// small; else sparse: floor(sqrt n) entries of equal size at random places, made when needed. One
// owner at a time.
#ifndef POLYSTEP_CORE_SUBSPACE_SUBSPACE_H_
#define POLYSTEP_CORE_SUBSPACE_SUBSPACE_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/types/span.h"
#include "core/space/search_space.h"
#include "core/subspace/hybrid_layout.h"

namespace polystep {

// The layout of the tensors of a space.
std::vector<LayoutEntry> LayoutOf(const SearchSpace& space, const HybridOptions& options);

class Subspace {
 public:
  // Hybrid where there are options; every parameter keeps its own coordinates.
  Subspace(const SearchSpace& space, const std::optional<HybridOptions>& hybrid);

  size_t size() const { return size_; }  // coordinates
  bool is_whole() const { return parts_.empty(); }

  // Makes the bases of an epoch; equal for equal (seed, epoch). Nothing to do for the whole space.
  void Draw(uint64_t seed, uint64_t epoch);

  // point += sum_j amounts[j] B[:, first + j]. Coordinates past the end are padding: dropped.
  void Add(size_t first, absl::Span<const double> amounts, absl::Span<double> point) const;

 private:
  enum class Basis : uint8_t { kIdentity, kOrthonormal, kNormal, kSparse };
  // A run of coordinates that moves a run of numbers.
  struct Part {
    Basis basis = Basis::kIdentity;
    size_t first = 0;  // coordinate
    size_t coordinates = 0;
    size_t number = 0;  // of the space
    size_t numbers = 0;
    std::vector<double> columns;  // coordinates x numbers, where stored
  };
  static Basis BasisFor(size_t numbers, size_t coordinates);
  void AddPart(Basis basis, size_t number, size_t numbers, size_t coordinates);
  void AddColumn(const Part& part, size_t column, double amount, absl::Span<double> point) const;

  std::vector<Part> parts_;  // by ascending coordinate; none: the whole space
  size_t size_ = 0;
  uint64_t seed_ = 0;
  uint64_t epoch_ = 0;
};

}  // namespace polystep

#endif  // POLYSTEP_CORE_SUBSPACE_SUBSPACE_H_
