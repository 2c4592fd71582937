#include "client/cpp/pending_answers.h"

#include <algorithm>
#include <utility>

#include "client/cpp/tell_encoding.h"

namespace polystep::client {
namespace {

constexpr size_t kMessageBytes = 900'000;  // of answers in a tell, under 1 MiB

bool IsAnswer(const EvaluationResult& result) {
  return result.kind != EvaluationResult::Kind::kAbandoned &&
         result.kind != EvaluationResult::Kind::kCannotRun;
}

}  // namespace

size_t PendingAnswers::Add(uint32_t first_index, std::vector<EvaluationResult> results) {
  const auto answers = static_cast<size_t>(std::count_if(results.begin(), results.end(), IsAnswer));
  const size_t others = results.size() - answers;
  violations_ = violations_ ||
                std::any_of(results.begin(), results.end(),
                            [](const EvaluationResult& result) { return result.violation != 0.0; });
  if (answers > 0) runs_.emplace(first_index, Run{std::move(results), 0});
  size_ += answers;
  return others;
}

void PendingAnswers::Erase(uint32_t first_index, uint32_t count) {
  const uint64_t end = uint64_t{first_index} + count;
  for (auto& [first, run] : runs_) {
    for (size_t i = run.next; i < run.results.size(); ++i) {
      const uint64_t index = first + i;
      if (index < first_index || index >= end || !IsAnswer(run.results[i])) continue;
      run.results[i].kind = EvaluationResult::Kind::kAbandoned;
      --size_;
    }
  }
}

void PendingAnswers::TakeInto(uint32_t max_count, v1::TellRequest& request) {
  SliceWriter writer(&request, violations_);
  uint32_t count = 0;
  while (!runs_.empty()) {
    const uint32_t first = runs_.begin()->first;
    Run& run = runs_.begin()->second;
    for (; run.next < run.results.size(); ++run.next) {
      const EvaluationResult& result = run.results[run.next];
      if (!IsAnswer(result)) continue;
      if (count == max_count || writer.bytes() > kMessageBytes) return;
      writer.Add(first + static_cast<uint32_t>(run.next), result);
      ++count;
      --size_;
    }
    runs_.erase(runs_.begin());
  }
}

}  // namespace polystep::client
