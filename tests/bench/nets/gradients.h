// Gradients of the networks of client/examples/nets, to hold methods without gradients against:
// straight through what rounds, surrogate derivatives where a neuron fires. Thread-safe as
// functions; plain floats, other bits on other machines.
#ifndef POLYSTEP_TESTS_BENCH_NETS_GRADIENTS_H_
#define POLYSTEP_TESTS_BENCH_NETS_GRADIENTS_H_

#include <vector>

#include "absl/types/span.h"
#include "client/examples/nets/batch.h"
#include "client/examples/nets/task.h"

namespace polystep::bench {

// Of the mean cross-entropy over the batch; as long as `values`, all tensors one after the other.
//   lif: a spike's derivative by the potential u is 1 / (1 + 5 |u - 1|)^2; none through resets.
//   int8: rounding as if it were not there. argmax: through the gate of the slot that was picked.
//   staircase: sigmoid's derivative.
std::vector<float> GradientOf(nets::Task task, absl::Span<const float> values,
                              const nets::Batch& batch);

}  // namespace polystep::bench

#endif  // POLYSTEP_TESTS_BENCH_NETS_GRADIENTS_H_
