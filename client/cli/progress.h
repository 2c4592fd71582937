// How far a study is, on a terminal as a bar that is redrawn, elsewhere as a line now and then.
#ifndef POLYSTEP_CLIENT_CLI_PROGRESS_H_
#define POLYSTEP_CLIENT_CLI_PROGRESS_H_

#include <deque>
#include <optional>
#include <ostream>
#include <string>
#include <utility>

#include "polystep/v1/study.pb.h"

namespace polystep::cli {

struct ProgressFacts {
  v1::Study study;
  double elapsed_s = 0.0;  // of this run
  double evaluations_per_s = 0.0;
};

// The share that is done, by the stop criterion that is nearest; absent if none can tell.
std::optional<double> ShareDone(const ProgressFacts& facts);

// "best 1.2e-05 | 3120/7000 evaluations | 510/s | ETA 0:08", and with `width` > 0 a bar before it,
// cut to the width.
std::string ProgressLine(const ProgressFacts& facts, int width);

// Measures the rate over the last seconds. Not thread-safe.
class Progress {
 public:
  Progress(std::ostream& out, bool terminal) : out_(out), terminal_(terminal) {}
  // Draws, if it is time for it.
  void Update(const v1::Study& study, double now_s);
  // Ends the bar's line.
  void Finish();

 private:
  std::ostream& out_;
  bool terminal_;
  double next_line_s_ = 0.0;
  bool drawn_ = false;
  std::optional<double> start_s_;
  std::deque<std::pair<double, int64_t>> samples_;  // time, evaluations
};

}  // namespace polystep::cli

#endif  // POLYSTEP_CLIENT_CLI_PROGRESS_H_
