// The curve of a training as JSON lines on standard output: a score on the validation images each.
#ifndef POLYSTEP_TESTS_BENCH_NETS_SCORE_LINES_H_
#define POLYSTEP_TESTS_BENCH_NETS_SCORE_LINES_H_

#include <cstdint>

#include "absl/types/span.h"
#include "client/examples/nets/evaluator.h"
#include "tests/bench/idle_share.h"

namespace polystep::bench {

class ScoreLines {
 public:
  // Seconds count from here on, without those that looks at the test images take.
  explicit ScoreLines(const nets::Evaluator& evaluator);

  // Prints evaluations, seconds, loss and accuracy on the validation images, and the test accuracy
  // of what had the least loss so far and of what had the best accuracy there. The last line has
  // "done" and how idle the machine was.
  void Print(absl::Span<const float> weights, int64_t evaluations, bool last);

 private:
  const nets::Evaluator& evaluator_;
  double started_ = 0.0, aside_ = 0.0;  // seconds; aside: of looks at the test images
  double best_loss_ = 1e300, best_accuracy_ = -1.0;
  double test_by_loss_ = 0.0, test_by_accuracy_ = 0.0;
  IdleShare idle_;
};

}  // namespace polystep::bench

#endif  // POLYSTEP_TESTS_BENCH_NETS_SCORE_LINES_H_
