// The networks that can be trained, and the tensors of their studies. Thread-safe as functions.
#ifndef POLYSTEP_CLIENT_EXAMPLES_NETS_TASK_H_
#define POLYSTEP_CLIENT_EXAMPLES_NETS_TASK_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace polystep::nets {

enum class Task : uint8_t {
  kLif,        // hidden and output neurons that leak, integrate and fire; loss of spike counts
  kInt8,       // a middle layer of 8-bit weights
  kArgmax,     // a gate that is picked by argmax
  kStaircase,  // activations of five levels
  kMnist,      // rectified units, for comparison
};

// lif, int8, argmax, staircase, mnist.
std::optional<Task> TaskOf(absl::string_view name);
const char* NameOf(Task task);
std::vector<std::string> TaskNames();

inline constexpr size_t kHidden = 128;  // units of every hidden layer

// One layer: [outputs, columns], row-major. The last column is the bias, where there is one.
struct TensorShape {
  enum class Start : uint8_t {
    kUniform,            // in [-scale, scale]
    kNormal,             // mean 0, deviation `scale`
    kNormalWithoutBias,  // likewise, but the last column is 0
  };
  const char* name;
  size_t outputs;
  size_t columns;
  Start start;
  double scale;

  size_t size() const { return outputs * columns; }
};

// Of images of `pixels`, in the order of the study's coordinates.
std::vector<TensorShape> TensorsOf(Task task, size_t pixels);
size_t DimensionOf(const std::vector<TensorShape>& tensors);

}  // namespace polystep::nets

#endif  // POLYSTEP_CLIENT_EXAMPLES_NETS_TASK_H_
