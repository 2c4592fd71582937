#include "client/examples/nets/task.h"

#include <array>
#include <cmath>

#include "client/examples/nets/batch.h"

namespace polystep::nets {
namespace {

struct Name {
  Task task;
  const char* name;
};
constexpr std::array<Name, 5> kNames = {{{Task::kLif, "lif"},
                                         {Task::kInt8, "int8"},
                                         {Task::kArgmax, "argmax"},
                                         {Task::kStaircase, "staircase"},
                                         {Task::kMnist, "mnist"}}};

// Weights and biases as frameworks start a dense layer.
TensorShape DenseShape(const char* name, size_t outputs, size_t inputs) {
  return {name, outputs, inputs + 1, TensorShape::Start::kUniform,
          1.0 / std::sqrt(static_cast<double>(inputs))};
}

}  // namespace

std::optional<Task> TaskOf(absl::string_view name) {
  for (const Name& known : kNames) {
    if (name == known.name) return known.task;
  }
  return std::nullopt;
}

const char* NameOf(Task task) {
  for (const Name& known : kNames) {
    if (task == known.task) return known.name;
  }
  return "unknown";
}

std::vector<std::string> TaskNames() {
  std::vector<std::string> names;
  for (const Name& known : kNames) names.emplace_back(known.name);
  return names;
}

std::vector<TensorShape> TensorsOf(Task task, size_t pixels) {
  std::vector<TensorShape> tensors = {DenseShape("hidden", kHidden, pixels)};
  switch (task) {
    case Task::kLif:
    case Task::kMnist:
      break;
    case Task::kInt8:
      tensors.push_back(
          {"middle", kHidden, kHidden + 1, TensorShape::Start::kNormalWithoutBias, 0.1});
      break;
    case Task::kArgmax:
      tensors.push_back({"keys", 8, kHidden, TensorShape::Start::kNormal, 0.5});
      tensors.push_back(DenseShape("values", kHidden, kHidden));
      break;
    case Task::kStaircase:
      tensors.push_back(DenseShape("middle", kHidden, kHidden));
      break;
  }
  tensors.push_back(DenseShape("output", kClasses, kHidden));
  return tensors;
}

size_t DimensionOf(const std::vector<TensorShape>& tensors) {
  size_t dimension = 0;
  for (const TensorShape& tensor : tensors) dimension += tensor.size();
  return dimension;
}

}  // namespace polystep::nets
