// Weight rows times a block of samples. Pure functions.
//
// Every sum runs over the inputs in their order, each product added before it is rounded (fma), and
// the bias comes last: rows taken together or alone, on any machine, give the same bits.
#ifndef POLYSTEP_CLIENT_EXAMPLES_NETS_DENSE_H_
#define POLYSTEP_CLIENT_EXAMPLES_NETS_DENSE_H_

#include <cstddef>
#include <vector>

#include "absl/types/span.h"
#include "client/examples/nets/batch.h"

namespace polystep::nets {

// out[r][s] = sum_i rows[r][i] x[i][s] + rows[r][inputs]. Rows of inputs + 1 weights; x
// [inputs][kBlock] and out [rows][kBlock] on cache lines.
void Dense(absl::Span<const float* const> rows, size_t inputs, const float* x, float* out);

// What a form of the code does: up to kRowsTogether rows times a block of samples.
inline constexpr size_t kRowsTogether = 4;
struct DenseTask {
  const float* const* rows;
  size_t count;
  size_t inputs;
  const float* x;
  float* out;
};

// Those that this machine can run, the fastest first. For tests: all give the same bits.
using DenseKernel = void (*)(const DenseTask& task);
std::vector<DenseKernel> DenseKernels();

}  // namespace polystep::nets

#endif  // POLYSTEP_CLIENT_EXAMPLES_NETS_DENSE_H_
