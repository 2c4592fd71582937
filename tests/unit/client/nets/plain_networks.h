// The networks sample by sample and neuron by neuron, as their definitions read: what the passes
// are held against.
#ifndef POLYSTEP_TESTS_UNIT_CLIENT_NETS_PLAIN_NETWORKS_H_
#define POLYSTEP_TESTS_UNIT_CLIENT_NETS_PLAIN_NETWORKS_H_

#include <vector>

#include "client/examples/nets/batch.h"
#include "client/examples/nets/task.h"

namespace polystep::nets {

struct PlainScore {
  double loss = 0.0;
  double accuracy = 0.0;
};
PlainScore PlainScoreOf(Task task, const std::vector<float>& values, const Batch& batch);

}  // namespace polystep::nets

#endif  // POLYSTEP_TESTS_UNIT_CLIENT_NETS_PLAIN_NETWORKS_H_
