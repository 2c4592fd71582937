// Adam (Kingma and Ba, ICLR 2015) as an accumulator: a direction for every coordinate becomes a
// move of about the rate in each.
//
//   m += (1 - b1) (g - m),  v += (1 - b2) (g^2 - v),  move = rate m^ / (sqrt(v^) + 1e-8)
// with the corrections m^ = m / (1 - b1^t), v^ = v / (1 - b2^t), t counting the steps. In float, so
// that a million coordinates are 8 MB; plain operations in a fixed order. One owner at a time.
#ifndef POLYSTEP_CORE_METHOD_ADAM_H_
#define POLYSTEP_CORE_METHOD_ADAM_H_

#include <cstddef>
#include <vector>

#include "absl/types/span.h"
#include "core/base/bytes.h"

namespace polystep {

// How far directions agree with what was accumulated before them: the sum of the products of both,
// and of the squares of these. product / sqrt(squares) is about standard normal where they have
// nothing to do with each other.
struct Agreement {
  double product = 0.0;
  double squares = 0.0;
};

struct AdamOptions {
  double first_decay = 0.9;    // b1
  double second_decay = 0.99;  // b2
};

class Adam {
 public:
  Adam(AdamOptions options, size_t size);

  // Call once a step, before its moves.
  void BeginStep();

  // Moves `point`, the coordinates from `first` on, along `direction`, of the same size. Every
  // result is representable as float.
  Agreement Move(size_t first, absl::Span<const float> direction, double rate,
                 absl::Span<double> point);

  void Save(ByteWriter& writer) const;
  bool Restore(ByteReader& reader);

 private:
  AdamOptions options_;
  double first_rest_ = 1.0;   // b1^t
  double second_rest_ = 1.0;  // b2^t
  std::vector<float> first_;
  std::vector<float> second_;
};

}  // namespace polystep

#endif  // POLYSTEP_CORE_METHOD_ADAM_H_
