#include "core/frames/rotation.h"

#include <cmath>
#include <cstddef>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "core/random/portable_math.h"

namespace polystep {
namespace {

// Matrices of blocks, which have at most 16 coordinates, need no allocation.
using Square = absl::InlinedVector<double, 256>;

double Dot(absl::Span<const double> a, absl::Span<const double> b) {
  double sum = 0.0;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

// Takes the parts along the first `count` rows of `frame` out of `vector`, one after the other.
void RemoveProjections(absl::Span<const double> frame, size_t count, absl::Span<double> vector) {
  const size_t d = vector.size();
  for (size_t j = 0; j < count; ++j) {
    const absl::Span<const double> row = frame.subspan(j * d, d);
    const double along = Dot(row, vector);
    for (size_t i = 0; i < d; ++i) vector[i] -= along * row[i];
  }
}

// Divides by the length; false if nothing but rounding is left of a vector once `before` long.
bool Normalize(absl::Span<double> vector, double before) {
  const double length = std::sqrt(Dot(vector, vector));
  if (!(length > 1e-12 * before) || !std::isfinite(length)) return false;
  for (double& value : vector) value /= length;
  return true;
}

// Puts into row `index` the first unit vector of the space that is not spanned by the rows above.
void CompleteRow(absl::Span<double> frame, size_t index, size_t d) {
  absl::Span<double> row = frame.subspan(index * d, d);
  for (size_t axis = 0; axis < d; ++axis) {
    for (double& value : row) value = 0.0;
    row[axis] = 1.0;
    RemoveProjections(frame, index, row);
    RemoveProjections(frame, index, row);
    // Some axis keeps a part of at least sqrt((d - index) / d).
    if (Dot(row, row) * static_cast<double>(2 * d) >= 1.0 && Normalize(row, 1.0)) return;
  }
}

// Modified Gram-Schmidt over the rows, each projected twice: the second pass removes what
// cancellation left behind. A dependent row is replaced, so that the result is always orthonormal.
void OrthonormalizeRows(absl::Span<double> rows, size_t count, size_t d) {
  for (size_t i = 0; i < count; ++i) {
    absl::Span<double> row = rows.subspan(i * d, d);
    const double before = std::sqrt(Dot(row, row));
    RemoveProjections(rows, i, row);
    RemoveProjections(rows, i, row);
    if (!Normalize(row, before)) CompleteRow(rows, i, d);
  }
}

// Sign of the determinant of an orthogonal matrix (elimination with row pivots).
bool HasNegativeDeterminant(absl::Span<const double> orthogonal, size_t d) {
  Square matrix(orthogonal.begin(), orthogonal.end());
  bool negative = false;
  for (size_t column = 0; column < d; ++column) {
    size_t pivot = column;
    for (size_t row = column + 1; row < d; ++row) {
      if (std::fabs(matrix[row * d + column]) > std::fabs(matrix[pivot * d + column])) pivot = row;
    }
    if (pivot != column) {
      negative = !negative;
      for (size_t j = column; j < d; ++j) {
        std::swap(matrix[pivot * d + j], matrix[column * d + j]);
      }
    }
    const double diagonal = matrix[column * d + column];
    if (diagonal < 0.0) negative = !negative;
    for (size_t row = column + 1; row < d; ++row) {
      const double factor = matrix[row * d + column] / diagonal;
      if (factor == 0.0) continue;
      for (size_t j = column + 1; j < d; ++j)
        matrix[row * d + j] -= factor * matrix[column * d + j];
    }
  }
  return negative;
}

}  // namespace

void PlaneRotation(double turns, absl::Span<double> rotation) {
  const SinCos angle = PortableSinCosTurns(turns);
  rotation[0] = angle.cos;
  rotation[1] = -angle.sin;
  rotation[2] = angle.sin;
  rotation[3] = angle.cos;
}

void RotationFromGaussian(int dim, absl::Span<const double> gaussian, absl::Span<double> rotation) {
  const size_t d = static_cast<size_t>(dim);
  Square columns(d * d);
  for (size_t i = 0; i < d; ++i) {
    for (size_t j = 0; j < d; ++j) columns[j * d + i] = gaussian[i * d + j];
  }
  OrthonormalizeRows(absl::MakeSpan(columns), d, d);
  if (HasNegativeDeterminant(columns, d)) {
    for (size_t i = 0; i < d; ++i) columns[i] = -columns[i];
  }
  for (size_t i = 0; i < d; ++i) {
    for (size_t j = 0; j < d; ++j) rotation[i * d + j] = columns[j * d + i];
  }
}

void HaarRotation(int dim, RandomStream& stream, absl::Span<double> rotation) {
  if (dim == 1) {
    rotation[0] = 1.0;
  } else if (dim == 2) {
    PlaneRotation(stream.Uniform(), rotation);
  } else {
    Square gaussian(static_cast<size_t>(dim) * static_cast<size_t>(dim));
    for (double& value : gaussian) value = stream.Normal();
    RotationFromGaussian(dim, gaussian, rotation);
  }
}

void BiasRotation(int dim, absl::Span<const double> direction, absl::Span<double> rotation) {
  const size_t d = static_cast<size_t>(dim);
  const double length = std::sqrt(Dot(direction, direction));
  if (d == 1 || !(length > 0.0) || !std::isfinite(length)) return;
  std::vector<double> columns(d * d);
  for (size_t i = 0; i < d; ++i) {
    columns[i] = direction[i] / length;
    for (size_t j = 1; j < d; ++j) columns[j * d + i] = rotation[i * d + j];
  }
  OrthonormalizeRows(absl::MakeSpan(columns), d, d);
  if (HasNegativeDeterminant(columns, d)) {
    for (size_t i = 0; i < d; ++i) columns[(d - 1) * d + i] = -columns[(d - 1) * d + i];
  }
  for (size_t i = 0; i < d; ++i) {
    for (size_t j = 0; j < d; ++j) rotation[i * d + j] = columns[j * d + i];
  }
}

void OrthonormalFrame(int dim, int count, RandomStream& stream, absl::Span<double> directions) {
  const size_t d = static_cast<size_t>(dim);
  const size_t rows = static_cast<size_t>(count);
  const absl::Span<double> frame = directions.subspan(0, rows * d);
  for (double& value : frame) value = stream.Normal();
  OrthonormalizeRows(frame, rows, d);
}

}  // namespace polystep
