// The study of a network on a server: a tensor for each layer. Thread-safe as functions.
#ifndef POLYSTEP_CLIENT_EXAMPLES_NETS_STUDY_H_
#define POLYSTEP_CLIENT_EXAMPLES_NETS_STUDY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cpp/client.h"
#include "client/examples/nets/evaluator.h"

namespace polystep::nets {

struct StudyOptions {
  std::string study;  // its id; empty: made of the task and the seed
  uint64_t seed = 1;
  // What the search plans for, and ends after; absent: it plans for no end.
  std::optional<int64_t> max_evaluations;
  // Its particles are the rows of the tensors, which is what can be evaluated incrementally.
  v1::OptimizerSpec optimizer;  // without a method: POLYSTEP_ROWS
  uint32_t score_every = 0;  // steps between scores on the validation set; 0: the server's choice
};

std::string StudyId(Task task, const StudyOptions& options);

struct OpenedStudy {
  client::Study study;
  // Whether this call created it or let it go on. Else it was running: its owner ends it.
  bool owned = false;
};

// Creates the study, joins it where it runs, or lets it go on where it was paused.
// FAILED_PRECONDITION if it belongs to another network, other data or other mini-batches.
absl::StatusOr<OpenedStudy> OpenStudy(const client::Client& client, const Evaluator& evaluator,
                                      const StudyOptions& options);

// The weights with the best score so far, or where there is none the search's center: all tensors
// one after the other.
absl::StatusOr<std::vector<float>> BestWeights(const client::Study& study,
                                               const Evaluator& evaluator);

// What losses depend on besides the weights: task, mini-batch sizes, data.
std::string Fingerprint(const Evaluator& evaluator);

}  // namespace polystep::nets

#endif  // POLYSTEP_CLIENT_EXAMPLES_NETS_STUDY_H_
