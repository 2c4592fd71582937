// Answers of one lease that are not told yet, by index. Made for tens of thousands at a time: they
// stay in the vectors the evaluator returned. Not thread-safe.
#ifndef POLYSTEP_CLIENT_CPP_PENDING_ANSWERS_H_
#define POLYSTEP_CLIENT_CPP_PENDING_ANSWERS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "client/cpp/evaluation.h"
#include "polystep/v1/evaluation_service.pb.h"

namespace polystep::client {

class PendingAnswers {
 public:
  // For the indices from `first_index` on, none of which is here. Results that are no answers
  // (abandoned, cannot run) are left out. Returns how many those are.
  size_t Add(uint32_t first_index, std::vector<EvaluationResult> results);
  // Takes out what is here of [first_index, first_index + count).
  void Erase(uint32_t first_index, uint32_t count);

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  // Moves the first answers (by index), at most `max_count` and what one message holds, into
  // `request`: one slice per run of consecutive indices, failures with their reasons.
  void TakeInto(uint32_t max_count, v1::TellRequest& request);

 private:
  struct Run {
    std::vector<EvaluationResult> results;  // no answers are holes
    size_t next = 0;                        // the first that is not taken
  };
  std::map<uint32_t, Run> runs_;  // by the index of results[0]
  size_t size_ = 0;
  bool violations_ = false;  // one of them has, or had, some
};

}  // namespace polystep::client

#endif  // POLYSTEP_CLIENT_CPP_PENDING_ANSWERS_H_
