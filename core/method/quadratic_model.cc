#include "core/method/quadratic_model.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/method/normal_equations.h"
#include "core/method/symmetric_eigen.h"

namespace polystep {
namespace {

// Of the mean of the normal matrix's diagonal: below what its rounding errors are anyway.
constexpr double kRidge = 1e-13;

// Weighted points with their values.
struct Cloud {
  size_t n;
  absl::Span<const double> points, values, weights;

  absl::Span<const double> Point(size_t m) const { return points.subspan(m * n, n); }
};

// Points that are added at once, to stay in the cache.
constexpr size_t kMostRows = 128;

// z.Sz / 2, S symmetric.
double HalfSquare(absl::Span<const double> shape, absl::Span<const double> z) {
  double sum = 0.0;
  for (size_t i = 0; i < z.size(); ++i) {
    double row = 0.0;
    for (size_t j = 0; j < z.size(); ++j) row += shape[i * z.size() + j] * z[j];
    sum += z[i] * row;
  }
  return 0.5 * sum;
}

// 1, z_i and either z_i^2 / 2 or their sum and z.Sz / 2.
void SetBasis(QuadraticForm form, absl::Span<const double> shape, absl::Span<const double> z,
              double* basis) {
  *basis++ = 1.0;
  basis = std::copy(z.begin(), z.end(), basis);
  double sum = 0.0;
  for (double value : z) {
    const double half_square = 0.5 * value * value;
    sum += half_square;
    if (form == QuadraticForm::kDiagonal) *basis++ = half_square;
  }
  if (form == QuadraticForm::kDiagonal) return;
  *basis++ = sum;
  *basis++ = HalfSquare(shape, z);
}

// sum of w b b^T and w b value over the points, b the basis of a form that is not full.
NormalEquations PlainEquations(QuadraticForm form, absl::Span<const double> shape,
                               const Cloud& cloud) {
  NormalEquations equations(Coefficients(form, cloud.n));
  const size_t count = cloud.values.size();
  Strips left(std::min(count, kMostRows), equations.size);
  Strips right = left;
  std::vector<double> basis(equations.size, 0.0);
  std::vector<double> weighted(equations.size, 0.0);
  for (size_t m = 0; m < count; ++m) {
    SetBasis(form, shape, cloud.Point(m), basis.data());
    for (size_t i = 0; i < basis.size(); ++i) {
      weighted[i] = cloud.weights[m] * basis[i];
      equations.side[i] += weighted[i] * cloud.values[m];
    }
    left.SetRow(m % left.rows(), 0, weighted.data());
    right.SetRow(m % left.rows(), 0, basis.data());
    const size_t rows = m % left.rows() + 1;
    if (rows == left.rows() || m + 1 == count) AddGram(rows, left, right, equations);
  }
  return equations;
}

// The same for the full form: b = x_i x_j of x = (1, z), i <= j, ordered by i and then j. The
// entries of the matrix are moments of x of order four: there are only a third as many different
// ones, sum of w x_i x_j x_k x_l with i <= j <= k <= l. Row (i, j) of them is at `RowOf`, where
// rows with the same j are neighbours and share their columns (k, l), k >= j.
class FullEquations {
 public:
  explicit FullEquations(size_t n) : count_(n + 1), equations_(count_ * (count_ + 1) / 2) {
    size_t entries = 0;
    for (size_t j = 0, row = 0; row < equations_.size; row += kTile) {
      while (j + 1 < count_ && RowOf(0, j + 1) <= row) ++j;
      const size_t strip = ColumnOf(j, j) / kTile;
      tiles_.push_back({strip, entries});
      entries += (equations_.size - strip * kTile) * kTile;
    }
    moments_.assign(entries, 0.0);
    x_.assign(count_, 1.0);
    row_.assign(equations_.size, 0.0);
  }

  NormalEquations Of(const Cloud& cloud) && {
    const size_t count = cloud.values.size();
    Strips left(std::min(count, kMostRows), equations_.size);
    Strips right = left;
    for (size_t m = 0; m < count; ++m) {
      SetRow(cloud, m, left, right);
      const size_t rows = m % left.rows() + 1;
      if (rows == left.rows() || m + 1 == count) AddMoments(rows, left, right);
    }
    for (size_t i = 0; i < count_; ++i) {
      for (size_t j = i; j < count_; ++j) Spread(i, j);
    }
    return std::move(equations_);
  }

 private:
  // Rows of a tile of moments have the columns from a strip on, beginning at an entry.
  struct TileRows {
    size_t strip;
    size_t entry;
  };

  static size_t RowOf(size_t i, size_t j) { return j * (j + 1) / 2 + i; }
  size_t ColumnOf(size_t k, size_t l) const { return k * count_ - k * (k + 1) / 2 + l; }

  void SetRow(const Cloud& cloud, size_t m, Strips& left, Strips& right) {
    const absl::Span<const double> z = cloud.Point(m);
    std::copy(z.begin(), z.end(), x_.begin() + 1);
    double* row = row_.data();
    for (size_t j = 0; j < count_; ++j) {
      const double scaled = cloud.weights[m] * x_[j];
      for (size_t i = 0; i <= j; ++i) *row++ = x_[i] * scaled;
    }
    left.SetRow(m % left.rows(), 0, row_.data());
    row = row_.data();
    for (size_t k = 0; k < count_; ++k) {
      for (size_t l = k; l < count_; ++l) *row++ = x_[k] * x_[l];
    }
    right.SetRow(m % left.rows(), 0, row_.data());
    const double value = cloud.weights[m] * cloud.values[m];
    for (size_t c = 0; c < row_.size(); ++c) equations_.side[c] += value * row_[c];
  }

  void AddMoments(size_t rows, const Strips& left, const Strips& right) {
    const TileProduct& product = WidestTileProduct();
    for (size_t t = 0; t < tiles_.size(); ++t) {
      const size_t width = equations_.size - tiles_[t].strip * kTile;
      double* tile = moments_.data() + tiles_[t].entry;
      for (size_t j = 0; j < width; j += kTile) {
        product.add(rows, left.Strip(t), right.Strip(tiles_[t].strip + j / kTile), tile + j, width);
      }
    }
  }

  // i <= j <= k, to be followed by the column (k, l) in its place: entry (k, l) of the result.
  const double* Moments(size_t i, size_t j) const {
    const size_t row = RowOf(i, j);
    const TileRows& tile = tiles_[row / kTile];
    const size_t width = equations_.size - tile.strip * kTile;
    return moments_.data() + tile.entry + row % kTile * width - tile.strip * kTile;
  }

  // Row (i, j) of the matrix, from (i, j) on, out of sorted indices.
  void Spread(size_t i, size_t j) {
    double* row = equations_.matrix.data() + ColumnOf(i, j) * equations_.size;
    for (size_t k = i; k < j; ++k) {
      const double* moments = Moments(i, k);
      const size_t first = k == i ? j : k;
      for (size_t l = first; l < j; ++l) row[ColumnOf(k, l)] = moments[ColumnOf(l, j)];
      for (size_t l = j; l < count_; ++l) row[ColumnOf(k, l)] = moments[ColumnOf(j, l)];
    }
    // From here on in the order of the moments.
    const size_t next = ColumnOf(j, j);
    const double* moments = Moments(i, j);
    std::copy(moments + next, moments + ColumnOf(count_ - 1, count_ - 1) + 1, row + next);
  }

  size_t count_;  // of x
  NormalEquations equations_;
  std::vector<TileRows> tiles_;
  std::vector<double> moments_;
  std::vector<double> x_, row_;  // of one point
};

}  // namespace

double QuadraticModel::At(absl::Span<const double> z) const {
  double value = constant;
  for (size_t i = 0; i < z.size(); ++i) value += z[i] * gradient[i];
  return value + HalfSquare(hessian, z);
}

size_t Coefficients(QuadraticForm form, size_t n) {
  if (form == QuadraticForm::kRound) return n + 3;
  return form == QuadraticForm::kDiagonal ? 2 * n + 1 : (n + 1) * (n + 2) / 2;
}

bool FitQuadratic(QuadraticForm form, size_t n, absl::Span<const double> points,
                  absl::Span<const double> values, absl::Span<const double> weights,
                  QuadraticModel& model, absl::Span<const double> shape) {
  const Cloud cloud = {n, points, values, weights};
  const bool full = form == QuadraticForm::kFull;
  NormalEquations equations =
      full ? FullEquations(n).Of(cloud) : PlainEquations(form, shape, cloud);
  const size_t unknowns = Coefficients(form, n);
  double trace = 0.0;
  for (size_t i = 0; i < unknowns; ++i) trace += equations.matrix[i * equations.size + i];
  const double ridge = kRidge * trace / static_cast<double>(unknowns);
  for (size_t i = 0; i < unknowns; ++i) equations.matrix[i * equations.size + i] += ridge;
  if (!Solve(equations)) return false;

  const double* solution = equations.side.data();
  model.constant = *solution++;
  model.gradient.assign(solution, solution + n);
  solution += n;
  model.hessian.assign(n * n, 0.0);
  if (form == QuadraticForm::kRound) {
    for (size_t i = 0; i < n * n; ++i) model.hessian[i] = solution[1] * shape[i];
    for (size_t i = 0; i < n; ++i) model.hessian[i * n + i] += solution[0];
    return true;
  }
  for (size_t i = 0; i < n; ++i) {
    model.hessian[i * n + i] = full ? 2.0 * *solution++ : *solution++;
    for (size_t j = i + 1; full && j < n; ++j) {
      model.hessian[i * n + j] = model.hessian[j * n + i] = *solution++;
    }
  }
  return true;
}

bool MinimizeInBall(const QuadraticModel& model, double radius, std::vector<double>& z) {
  const size_t n = model.gradient.size();
  std::vector<double> work = model.hessian;
  std::vector<double> basis(n * n);
  std::vector<double> values(n);
  if (!SymmetricEigen(absl::MakeSpan(work), absl::MakeSpan(basis), absl::MakeSpan(values))) {
    return false;
  }
  std::vector<double> pull(n, 0.0);  // the gradient in eigenvectors
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < n; ++j) pull[j] += basis[i * n + j] * model.gradient[i];
  }
  double norm = 0.0;
  for (double g : model.gradient) norm += g * g;
  norm = std::sqrt(norm);
  const double least = *std::min_element(values.begin(), values.end());
  const double most = *std::max_element(values.begin(), values.end());
  // |z(mu)| falls with mu; z(mu) = -(H + mu I)^-1 g.
  double low = std::max(0.0, -least) + 1e-14 * std::max(std::fabs(least), std::fabs(most));
  double high = std::max(0.0, -least) + norm / radius;
  auto length = [&](double mu) {
    double sum = 0.0;
    for (size_t j = 0; j < n; ++j) {
      const double step = pull[j] / (values[j] + mu);
      sum += step * step;
    }
    return std::sqrt(sum);
  };
  if (!(length(low) <= radius)) {
    constexpr int kHalvings = 100;
    for (int i = 0; i < kHalvings; ++i) {
      const double middle = 0.5 * (low + high);
      (length(middle) > radius ? low : high) = middle;
    }
    low = high;
  }
  z.assign(n, 0.0);
  for (size_t j = 0; j < n; ++j) {
    const double step = -pull[j] / (values[j] + low);
    if (!std::isfinite(step)) return false;
    for (size_t i = 0; i < n; ++i) z[i] += basis[i * n + j] * step;
  }
  return true;
}

}  // namespace polystep
