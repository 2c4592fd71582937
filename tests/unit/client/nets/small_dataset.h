// A dataset for tests, drawn from a seed.
#ifndef POLYSTEP_TESTS_UNIT_CLIENT_NETS_SMALL_DATASET_H_
#define POLYSTEP_TESTS_UNIT_CLIENT_NETS_SMALL_DATASET_H_

#include <cstdint>
#include <vector>

#include "client/examples/nets/dataset.h"
#include "client/examples/nets/task.h"

namespace polystep::nets {

// 300 training images, 50 of them for validation, and 70 test images of 8 x 8 random bytes.
Dataset SmallDataset(uint64_t seed);

// Start values of a task's tensors.
std::vector<float> StartValues(const std::vector<TensorShape>& tensors, uint64_t seed);

}  // namespace polystep::nets

#endif  // POLYSTEP_TESTS_UNIT_CLIENT_NETS_SMALL_DATASET_H_
