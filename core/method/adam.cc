#include "core/method/adam.h"

#include <cmath>

#include "core/base/wide.h"

namespace polystep {
namespace {

constexpr float kSmall = 1e-8F;

struct Rates {
  float first = 0.0F;   // 1 - b1
  float second = 0.0F;  // 1 - b2
  float move = 0.0F;    // of the rate, first correction included
  float scale = 0.0F;   // second correction
};

// Sums by lane: the order of additions does not depend on how wide the machine is.
struct LaneSums {
  double products[kLanes] = {};
  double squares[kLanes] = {};
};

POLYSTEP_INLINE void AddProduct(float direction, float first, size_t lane, LaneSums& sums) {
  const double product = static_cast<double>(direction) * static_cast<double>(first);
  sums.products[lane] += product;
  sums.squares[lane] += product * product;
}

POLYSTEP_WIDE void Compare(const float* direction, const float* first, size_t size,
                           LaneSums& sums) {
  const size_t whole = size - size % kLanes;
  for (size_t i = 0; i < whole; i += kLanes) {
    for (size_t l = 0; l < kLanes; ++l) AddProduct(direction[i + l], first[i + l], l, sums);
  }
  for (size_t i = whole; i < size; ++i) AddProduct(direction[i], first[i], i - whole, sums);
}

POLYSTEP_WIDE void MoveAll(const Rates& rates, const float* direction, size_t size, float* first,
                           float* second, double* point) {
  for (size_t i = 0; i < size; ++i) {
    const float g = direction[i];
    first[i] += rates.first * (g - first[i]);
    second[i] += rates.second * (g * g - second[i]);
    const float move = rates.move * first[i] / (std::sqrt(second[i] * rates.scale) + kSmall);
    point[i] = static_cast<double>(static_cast<float>(point[i]) + move);
  }
}

}  // namespace

Adam::Adam(AdamOptions options, size_t size)
    : options_(options), first_(size, 0.0F), second_(size, 0.0F) {}

void Adam::BeginStep() {
  first_rest_ *= options_.first_decay;
  second_rest_ *= options_.second_decay;
}

Agreement Adam::Move(size_t first, absl::Span<const float> direction, double rate,
                     absl::Span<double> point) {
  LaneSums sums;
  Compare(direction.data(), first_.data() + first, direction.size(), sums);
  Rates rates;
  rates.first = static_cast<float>(1.0 - options_.first_decay);
  rates.second = static_cast<float>(1.0 - options_.second_decay);
  rates.move = static_cast<float>(rate / (1.0 - first_rest_));
  rates.scale = static_cast<float>(1.0 / (1.0 - second_rest_));
  MoveAll(rates, direction.data(), direction.size(), first_.data() + first, second_.data() + first,
          point.data());
  Agreement agreement;
  for (size_t l = 0; l < kLanes; ++l) {
    agreement.product += sums.products[l];
    agreement.squares += sums.squares[l];
  }
  return agreement;
}

void Adam::Save(ByteWriter& writer) const {
  writer.F64(first_rest_);
  writer.F64(second_rest_);
  writer.Floats(first_);
  writer.Floats(second_);
}

bool Adam::Restore(ByteReader& reader) {
  const size_t size = first_.size();
  first_rest_ = reader.F64();
  second_rest_ = reader.F64();
  first_ = reader.Floats();
  second_ = reader.Floats();
  return reader.ok() && first_.size() == size && second_.size() == size;
}

}  // namespace polystep
