#include "core/subspace/subspace.h"

#include <algorithm>
#include <cmath>

#include "core/frames/rotation.h"
#include "core/random/random_stream.h"

namespace polystep {
namespace {

// Of a stored basis: numbers, and operations of making it orthonormal (about 0.3 s).
constexpr size_t kMostStored = size_t{1} << 21;
constexpr double kMostWork = 0x1p27;

}  // namespace

std::vector<LayoutEntry> LayoutOf(const SearchSpace& space, const HybridOptions& options) {
  std::vector<std::vector<int64_t>> shapes;
  for (const TensorSpec& tensor : space.tensors()) shapes.push_back(tensor.shape);
  return HybridLayout(shapes, options);
}

Subspace::Subspace(const SearchSpace& space, const std::optional<HybridOptions>& hybrid) {
  if (!hybrid) {
    size_ = static_cast<size_t>(space.dimension());
    return;
  }
  const std::vector<LayoutEntry> layout = LayoutOf(space, *hybrid);
  size_t number = static_cast<size_t>(space.dimension());
  for (const LayoutEntry& entry : layout) number -= static_cast<size_t>(entry.size);
  if (number > 0) AddPart(Basis::kIdentity, 0, number, number);
  for (const LayoutEntry& entry : layout) {
    const auto numbers = static_cast<size_t>(entry.size);
    const auto coordinates = static_cast<size_t>(entry.coordinates);
    AddPart(entry.compressed ? BasisFor(numbers, coordinates) : Basis::kIdentity, number, numbers,
            coordinates);
    number += numbers;
  }
}

Subspace::Basis Subspace::BasisFor(size_t numbers, size_t coordinates) {
  if (numbers == coordinates) return Basis::kIdentity;
  const double work = static_cast<double>(numbers) * static_cast<double>(coordinates) *
                      static_cast<double>(coordinates);
  if (numbers * coordinates > kMostStored) return Basis::kSparse;
  if (numbers < coordinates) return Basis::kNormal;
  return work > kMostWork ? Basis::kSparse : Basis::kOrthonormal;
}

void Subspace::AddPart(Basis basis, size_t number, size_t numbers, size_t coordinates) {
  parts_.push_back({basis, size_, coordinates, number, numbers, {}});
  size_ += coordinates;
}

void Subspace::Draw(uint64_t seed, uint64_t epoch) {
  seed_ = seed;
  epoch_ = epoch;
  for (Part& part : parts_) {
    if (part.basis != Basis::kOrthonormal && part.basis != Basis::kNormal) continue;
    RandomStream stream(seed, epoch, static_cast<uint32_t>(part.first), Draw::kSubspace);
    part.columns.resize(part.numbers * part.coordinates);
    if (part.basis == Basis::kOrthonormal) {
      OrthonormalFrame(static_cast<int>(part.numbers), static_cast<int>(part.coordinates), stream,
                       absl::MakeSpan(part.columns));
      continue;
    }
    const double scale = 1.0 / std::sqrt(static_cast<double>(part.coordinates));
    for (double& value : part.columns) value = scale * stream.Normal();
  }
}

void Subspace::Add(size_t first, absl::Span<const double> amounts, absl::Span<double> point) const {
  const size_t end = std::min(size_, first + amounts.size());
  if (is_whole()) {
    for (size_t n = first; n < end; ++n) point[n] += amounts[n - first];
    return;
  }
  auto part = std::upper_bound(parts_.begin(), parts_.end(), first,
                               [](size_t n, const Part& p) { return n < p.first; }) -
              1;
  for (size_t n = first; n < end; ++n) {
    while (n >= part->first + part->coordinates) ++part;
    AddColumn(*part, n - part->first, amounts[n - first], point);
  }
}

void Subspace::AddColumn(const Part& part, size_t column, double amount,
                         absl::Span<double> point) const {
  absl::Span<double> numbers = point.subspan(part.number, part.numbers);
  if (part.basis == Basis::kIdentity) {
    numbers[column] += amount;
  } else if (part.basis == Basis::kSparse) {
    RandomStream stream(seed_, epoch_, static_cast<uint32_t>(part.first + column), Draw::kSubspace);
    const auto n = static_cast<double>(part.numbers);
    const double entries = std::floor(std::sqrt(n));
    const double value = amount / std::sqrt(entries);
    for (double e = 0.0; e < entries; e += 1.0) {
      const auto at = std::min(static_cast<size_t>(stream.Uniform() * n), part.numbers - 1);
      numbers[at] += stream.NextU32() % 2 == 0 ? value : -value;
    }
  } else {
    const double* direction = part.columns.data() + column * part.numbers;
    for (size_t i = 0; i < part.numbers; ++i) numbers[i] += amount * direction[i];
  }
}

}  // namespace polystep
