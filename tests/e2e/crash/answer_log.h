// Every answer the server acknowledged, as a worker should remember them: it may tell each again at
// any time and nothing must change. Thread-safe.
#ifndef POLYSTEP_TESTS_E2E_CRASH_ANSWER_LOG_H_
#define POLYSTEP_TESTS_E2E_CRASH_ANSWER_LOG_H_

#include <cstdint>
#include <string>
#include <vector>

#include "polystep/v1/evaluation_service.pb.h"
#include "server/base/mutex.h"

namespace polystep {

class AnswerLog {
 public:
  // A tell that was acknowledged.
  void Add(const v1::TellRequest& told, const v1::TellResponse& response);
  // No more will come.
  void Close();

  // Blocks until `step` steps are committed, as far as answers said, and then `tells` more tells
  // were acknowledged. False if the log was closed before.
  bool WaitFor(int64_t step, int64_t tells);
  void AwaitClose();

  std::vector<v1::TellRequest> Tells();
  v1::TellResponse Sum();  // of the counts

 private:
  Mutex mutex_;
  ConditionVariable changed_;
  std::vector<v1::TellRequest> tells_ ABSL_GUARDED_BY(mutex_);
  v1::TellResponse sum_ ABSL_GUARDED_BY(mutex_);
  int64_t committed_step_ ABSL_GUARDED_BY(mutex_) = 0;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

// `sum` += the counts of `response`.
void AddCounts(const v1::TellResponse& response, v1::TellResponse& sum);

}  // namespace polystep

#endif  // POLYSTEP_TESTS_E2E_CRASH_ANSWER_LOG_H_
