#include "core/frames/rotation_lanes.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "absl/container/inlined_vector.h"
#include "core/base/wide.h"
#include "core/frames/rotation.h"

namespace polystep {
namespace {

using Lane = double[kLanes];

// sum = <a, b> over `count` vectors of lanes that are `stride` apart.
POLYSTEP_INLINE void DotLanes(const double* a, const double* b, size_t count, size_t stride,
                              Lane& sum) {
  for (size_t l = 0; l < kLanes; ++l) sum[l] = 0.0;
  size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    const double* const x = a + i * stride;
    const double* const y = b + i * stride;
    for (size_t l = 0; l < kLanes; ++l) {
      double s = sum[l];
      s += x[l] * y[l];
      s += x[stride + l] * y[stride + l];
      s += x[2 * stride + l] * y[2 * stride + l];
      s += x[3 * stride + l] * y[3 * stride + l];
      sum[l] = s;
    }
  }
  for (; i < count; ++i) {
    for (size_t l = 0; l < kLanes; ++l) sum[l] += a[i * stride + l] * b[i * stride + l];
  }
}

// Takes the parts along columns 0 to count - 1 out of column `count`, one after the other.
POLYSTEP_INLINE void RemoveProjections(double* columns, size_t count, size_t d) {
  double* const vector = columns + count * kLanes;
  const size_t stride = d * kLanes;
  for (size_t j = 0; j < count; ++j) {
    const double* const axis = columns + j * kLanes;
    Lane along;
    DotLanes(axis, vector, d, stride, along);
    for (size_t i = 0; i < d; ++i) {
      for (size_t l = 0; l < kLanes; ++l) {
        vector[i * stride + l] -= along[l] * axis[i * stride + l];
      }
    }
  }
}

// OrthonormalizeRows of rotation.cc over the columns of d x d matrices of lanes. 1 in `dependent`
// where a column needed completion, which is not done here.
POLYSTEP_WIDE void OrthonormalizeColumns(double* columns, size_t d, double* dependent) {
  for (size_t l = 0; l < kLanes; ++l) dependent[l] = 0.0;
  for (size_t j = 0; j < d; ++j) {
    double* const column = columns + j * kLanes;
    Lane before;
    DotLanes(column, column, d, d * kLanes, before);
    RemoveProjections(columns, j, d);
    RemoveProjections(columns, j, d);
    Lane square;
    DotLanes(column, column, d, d * kLanes, square);
    Lane length;
    for (size_t l = 0; l < kLanes; ++l) {
      length[l] = std::sqrt(square[l]);
      // Stricter than necessary: a lane that is done again comes out the same.
      const bool sound = length[l] > 1e-11 * std::sqrt(before[l]);
      dependent[l] = sound ? dependent[l] : 1.0;
    }
    for (size_t i = 0; i < d; ++i) {
      for (size_t l = 0; l < kLanes; ++l) column[i * d * kLanes + l] /= length[l];
    }
  }
}

// Determinants by elimination without pivots. Destroys `matrices`, d x d x kLanes.
POLYSTEP_WIDE void DeterminantLanes(double* matrices, size_t d, double* determinants) {
  const size_t stride = d * kLanes;
  for (size_t l = 0; l < kLanes; ++l) determinants[l] = 1.0;
  for (size_t c = 0; c < d; ++c) {
    const double* const pivots = matrices + c * stride;
    Lane inverse;
    for (size_t l = 0; l < kLanes; ++l) {
      const double diagonal = pivots[c * kLanes + l];
      determinants[l] *= diagonal;
      inverse[l] = 1.0 / diagonal;
    }
    for (size_t r = c + 1; r < d; ++r) {
      double* const row = matrices + r * stride;
      Lane factor;
      for (size_t l = 0; l < kLanes; ++l) factor[l] = row[c * kLanes + l] * inverse[l];
      for (size_t j = c + 1; j < d; ++j) {
        for (size_t l = 0; l < kLanes; ++l) {
          row[j * kLanes + l] -= factor[l] * pivots[j * kLanes + l];
        }
      }
    }
  }
}

POLYSTEP_WIDE void TurnFirstColumn(double* rotations, size_t d, const double* signs) {
  for (size_t i = 0; i < d; ++i) {
    double* const first = rotations + i * d * kLanes;
    for (size_t l = 0; l < kLanes; ++l) first[l] = signs[l] < 0.0 ? -first[l] : first[l];
  }
}

void RedoLane(int dim, const RowStreams& streams, size_t lane, absl::Span<double> rotations) {
  const size_t size = static_cast<size_t>(dim) * static_cast<size_t>(dim);
  absl::InlinedVector<double, 256> rotation(size);
  RandomStream stream(streams.seed, streams.step, streams.first_row + static_cast<uint32_t>(lane),
                      streams.draw);
  HaarRotation(dim, stream, absl::MakeSpan(rotation));
  for (size_t n = 0; n < size; ++n) rotations[n * kLanes + lane] = rotation[n];
}

void PlaneRotations(const RowStreams& streams, absl::Span<double> rotations) {
  Lane sin;
  Lane cos;
  FirstTurnLanes(streams, sin, cos);
  for (size_t l = 0; l < kLanes; ++l) {
    rotations[l] = cos[l];
    rotations[kLanes + l] = -sin[l];
    rotations[2 * kLanes + l] = sin[l];
    rotations[3 * kLanes + l] = cos[l];
  }
}

}  // namespace

size_t RotationLanesSize(int dim) {
  return (static_cast<size_t>(dim) * static_cast<size_t>(dim) + 1) * kLanes;
}

void HaarRotationLanes(int dim, const RowStreams& streams, absl::Span<double> rotations) {
  const size_t d = static_cast<size_t>(dim);
  if (dim == 1) {
    std::fill_n(rotations.begin(), kLanes, 1.0);
    return;
  }
  if (dim == 2) {
    PlaneRotations(streams, rotations);
    return;
  }
  NormalLanes(streams, d * d, rotations.data());
  Lane dependent;
  OrthonormalizeColumns(rotations.data(), d, dependent);
  absl::InlinedVector<double, 64 * kLanes> scratch(rotations.begin(),
                                                   rotations.begin() + d * d * kLanes);
  Lane determinants;
  DeterminantLanes(scratch.data(), d, determinants);
  TurnFirstColumn(rotations.data(), d, determinants);
  for (size_t l = 0; l < kLanes; ++l) {
    // That of an orthogonal matrix is 1 or -1; anything else lost its digits to a small pivot.
    const bool certain = std::fabs(std::fabs(determinants[l]) - 1.0) < 1e-6;
    if (dependent[l] != 0.0 || !certain) RedoLane(dim, streams, l, rotations);
  }
}

}  // namespace polystep
