#include "tests/e2e/crash/answer_log.h"

#include <algorithm>

namespace polystep {

void AddCounts(const v1::TellResponse& response, v1::TellResponse& sum) {
  sum.set_accepted(sum.accepted() + response.accepted());
  sum.set_duplicate(sum.duplicate() + response.duplicate());
  sum.set_stale(sum.stale() + response.stale());
  sum.set_conflicting(sum.conflicting() + response.conflicting());
}

void AnswerLog::Add(const v1::TellRequest& told, const v1::TellResponse& response) {
  MutexLock lock(mutex_);
  tells_.push_back(told);
  AddCounts(response, sum_);
  committed_step_ = std::max<int64_t>(committed_step_, response.committed_step());
  changed_.NotifyAll();
}

void AnswerLog::Close() {
  MutexLock lock(mutex_);
  closed_ = true;
  changed_.NotifyAll();
}

bool AnswerLog::WaitFor(int64_t step, int64_t tells) {
  MutexLock lock(mutex_);
  while (!closed_ && committed_step_ < step) changed_.Wait(mutex_);
  size_t enough = tells_.size() + static_cast<size_t>(tells);
  while (!closed_ && tells_.size() < enough) changed_.Wait(mutex_);
  return !closed_;
}

void AnswerLog::AwaitClose() {
  MutexLock lock(mutex_);
  while (!closed_) changed_.Wait(mutex_);
}

std::vector<v1::TellRequest> AnswerLog::Tells() {
  MutexLock lock(mutex_);
  return tells_;
}

v1::TellResponse AnswerLog::Sum() {
  MutexLock lock(mutex_);
  return sum_;
}

}  // namespace polystep
