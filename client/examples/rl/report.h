// What is said of a study and its best policy. Pure.
#ifndef POLYSTEP_CLIENT_EXAMPLES_RL_REPORT_H_
#define POLYSTEP_CLIENT_EXAMPLES_RL_REPORT_H_

#include <string>
#include <vector>

#include "absl/types/span.h"
#include "client/cpp/client.h"
#include "client/examples/rl/task.h"

namespace polystep::rl {

struct Report {
  std::string study;  // "studies/{study_id}"
  std::string task;
  std::string state;
  int64_t evaluations = 0;
  int64_t scores = 0;  // of these
  int64_t steps = 0;
  double seconds = 0.0;      // from the study's creation to its last step
  double validation = 0.0;   // the best score
  double test = 0.0;         // mean return of the test
  double test_spread = 0.0;  // its standard deviation over episodes
};

// `test`: returns of the best policy.
Report ReportOf(const Task& task, const v1::Study& study, absl::Span<const double> test);

std::string ReportText(const Report& report);  // two lines
std::string ReportJson(const Report& report);  // one

}  // namespace polystep::rl

#endif  // POLYSTEP_CLIENT_EXAMPLES_RL_REPORT_H_
