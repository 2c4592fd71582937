// The study of a task on a server: four real tensors that are a policy's parameters, the largest
// mean return. Thread-safe as functions.
#ifndef POLYSTEP_CLIENT_EXAMPLES_RL_STUDY_H_
#define POLYSTEP_CLIENT_EXAMPLES_RL_STUDY_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "client/cpp/client.h"
#include "client/examples/rl/task.h"

namespace polystep::rl {

// Of a score, so that the best of many scores is not the luckiest, and of the test.
inline constexpr int kScoreEpisodes = 400;
inline constexpr int kTestEpisodes = 100;

struct StudyOptions {
  Task task;
  std::string study = {};  // its id; empty: made of the task and the seed
  uint64_t seed = 1;
  int64_t evaluations = 0;  // after which it ends; 0: task.evaluations()
};

v1::StudySpec Spec(const StudyOptions& options);

// Creates the study, or finds it where another worker did. NOT_FOUND if there is none and `create`
// is false, FAILED_PRECONDITION if it is another task's.
absl::StatusOr<client::Study> OpenStudy(const client::Client& client, const StudyOptions& options,
                                        bool create);

// The candidate's mean return, over task.episodes() episodes of the search, or over
// kScoreEpisodes where a step scores its center.
double Evaluate(const Task& task, const client::Candidate& candidate);

}  // namespace polystep::rl

#endif  // POLYSTEP_CLIENT_EXAMPLES_RL_STUDY_H_
