// Trains a network through a server, its own or one that is named: creates the study or joins it,
// evaluates its candidates and reports. Thread-safe as functions.
#ifndef POLYSTEP_CLIENT_EXAMPLES_NETS_TRAIN_H_
#define POLYSTEP_CLIENT_EXAMPLES_NETS_TRAIN_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <ostream>
#include <stop_token>
#include <string>

#include "client/examples/nets/study.h"

namespace polystep::nets {

struct TrainOptions {
  Task task = Task::kLif;
  std::string data;  // the folder of the IDX files
  BatchPlan batch;
  // The last of the training images; 5,000 of the 60,000 unless the data set is small.
  size_t validation = 5000;
  std::string server;  // HOST:PORT; "embedded": one in this process, over a temporary folder
  StudyOptions study;
  int slots = 0;       // threads that evaluate; 0: one a core
  uint32_t lease = 0;  // most evaluations of one lease; 0: the server sizes it
  // From the start of the call; absent: until the study ends.
  std::optional<double> time_limit_s;
  bool only_score = false;  // of the study as it is: no evaluations for it
};

// Prints a line for every better score, and at the end the loss and accuracy of the best weights on
// the validation and test images, to `out`; errors and a progress line (on a terminal) to `err`.
// Ends with the study, at the time limit or when `stop` is requested, and pauses the study, if this
// call opened it, so that the next one goes on with it.
// Returns the exit code: 0 done, 1 the server or a worker failed, 2 the data cannot be read, 3 the
// server cannot be reached.
int Train(const TrainOptions& options, std::ostream& out, std::ostream& err, bool terminal,
          const std::stop_token& stop);

}  // namespace polystep::nets

#endif  // POLYSTEP_CLIENT_EXAMPLES_NETS_TRAIN_H_
