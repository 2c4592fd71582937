// What the optimizer must know of every coordinate, kept once for a run of equal ones: a tensor of
// ten million elements is one run.
//
// Loops over many coordinates should go run by run. Thread-safe once it is filled.
#ifndef POLYSTEP_CORE_SPACE_COORDINATE_RUNS_H_
#define POLYSTEP_CORE_SPACE_COORDINATE_RUNS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace polystep {

struct Coordinate {
  double lower;  // -inf and +inf where unbounded
  double upper;
  double spacing;  // width of one lattice cell; 0 for continuous coordinates
  double extent;   // a natural initial length: 1 for unit coordinates, 1 (or max-min) for raw ones

  friend bool operator==(const Coordinate&, const Coordinate&) = default;
};

class CoordinateRuns {
 public:
  // Coordinates [first, end).
  struct Run {
    size_t first;
    size_t end;
    Coordinate coordinate;
  };

  // `count` > 0 further coordinates.
  void Append(size_t count, const Coordinate& coordinate);

  size_t size() const { return runs_.empty() ? 0 : runs_.back().end; }
  const std::vector<Run>& runs() const { return runs_; }
  // Index into runs() of the run of a coordinate; takes the logarithm of their number.
  size_t RunOf(size_t coordinate) const;
  const Coordinate& operator[](size_t coordinate) const {
    return runs_[RunOf(coordinate)].coordinate;
  }

 private:
  std::vector<Run> runs_;  // neighbours differ
};

}  // namespace polystep

#endif  // POLYSTEP_CORE_SPACE_COORDINATE_RUNS_H_
