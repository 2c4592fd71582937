#include "core/method/lattice_moves.h"

#include <algorithm>
#include <cmath>
#include <variant>

#include "core/random/portable_math.h"

namespace polystep {
namespace {

size_t Below(RandomStream& stream, size_t bound) {
  const auto pick = static_cast<size_t>(stream.Uniform() * static_cast<double>(bound));
  return std::min(pick, bound - 1);
}

// Cells to move: half the time 1, 2, ... with halving chances, else on a logarithmic scale.
double StepCells(RandomStream& stream, double cells) {
  const double how = stream.Uniform();
  const double size = stream.Uniform();
  double step;
  if (how < 0.5) {
    step = 1.0 + std::floor(-PortableLog(1.0 - size) / 0.6931471805599453);
  } else {
    step = std::floor(PortableExp(size * PortableLog(std::max(cells * 0.5, 1.0))));
  }
  return std::clamp(step, 1.0, std::max(1.0, cells - 1.0));
}

}  // namespace

LatticeMoves::LatticeMoves(const SearchSpace& space) : space_(&space) {
  int64_t next = 0;
  for (size_t p = 0; p < space.parameters().size(); ++p) {
    const SearchSpace::Range range = space.CoordinatesOf(static_cast<int>(p));
    next = range.first + range.size;
    const SearchSpace::Coordinate& c = space.coordinates()[static_cast<size_t>(range.first)];
    if (c.spacing > 0.0 && c.spacing < c.upper - c.lower)
      units_.push_back({range.first, range.size});
  }
  for (; next < space.dimension(); ++next) {
    const SearchSpace::Coordinate& c = space.coordinates()[static_cast<size_t>(next)];
    if (c.spacing > 0.0 && c.spacing < c.upper - c.lower) units_.push_back({next, 1});
  }
}

void LatticeMoves::Mutate(RandomStream& stream, double sign, absl::Span<double> point) const {
  constexpr int kMostMoves = 8;
  for (int n = 0; n < kMostMoves; ++n) {
    Step(units_[Below(stream, units_.size())], stream, sign, point);
    if (stream.Uniform() < 0.5) break;
  }
}

void LatticeMoves::Step(const Unit& unit, RandomStream& stream, double sign,
                        absl::Span<double> point) const {
  absl::Span<double> at =
      point.subspan(static_cast<size_t>(unit.first), static_cast<size_t>(unit.size));
  if (unit.size > 1) {
    const auto now = static_cast<size_t>(std::max_element(at.begin(), at.end()) - at.begin());
    const size_t other = Below(stream, at.size() - 1);
    std::fill(at.begin(), at.end(), 0.0);
    at[other < now ? other : other + 1] = 1.0;
    return;
  }
  const SearchSpace::Coordinate& c = space_->coordinates()[static_cast<size_t>(unit.first)];
  const double cell = space_->CellWidth(unit.first, at[0]);
  const double turn = stream.Uniform() < 0.5 ? -sign : sign;
  const double step = StepCells(stream, (c.upper - c.lower) / cell) * cell;
  // The upper end belongs to the cell below it.
  const double from = std::min(at[0], c.upper - 0.5 * cell);
  double moved = from + turn * step;
  // A step out of the range is taken the other way.
  if (moved < c.lower || moved > c.upper) moved = from - turn * step;
  at[0] = std::clamp(moved, c.lower, c.upper);
}

}  // namespace polystep
