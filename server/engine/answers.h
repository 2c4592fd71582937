// The answers of one tell, as the log keeps them: runs of consecutive indices of one kind. A value.
#ifndef POLYSTEP_SERVER_ENGINE_ANSWERS_H_
#define POLYSTEP_SERVER_ENGINE_ANSWERS_H_

#include <cstdint>
#include <vector>

namespace polystep {

enum class AnswerKind : uint8_t {
  kLoss = 1,
  kInfeasible = 2,
  kMasked = 3,     // given up at once: no loss that counts
  kTransient = 4,  // failed this time; masked after max_attempts of different leases
};

// One of them.
struct Answer {
  AnswerKind kind = AnswerKind::kLoss;
  uint32_t index = 0;
  double loss = 0.0;       // of kLoss, as minimised
  double violation = 0.0;  // of kLoss; 0: feasible
};

struct AnswerRun {
  AnswerKind kind = AnswerKind::kLoss;
  uint32_t first = 0;
  uint32_t count = 0;

  friend bool operator==(const AnswerRun&, const AnswerRun&) = default;
};

struct Answers {
  uint64_t lease_id = 0;      // who tells: a repeated transient failure is one attempt
  uint32_t max_attempts = 0;  // the policy when this was decided
  std::vector<AnswerRun> runs;
  std::vector<double> losses;      // of the kLoss runs, one after the other, as minimised
  std::vector<double> violations;  // one a loss, or empty if all are feasible

  // Appends one answer, growing the last run if it continues it.
  void Add(const Answer& answer) {
    const auto& [kind, index, loss, violation] = answer;
    if (runs.empty() || runs.back().kind != kind ||
        runs.back().first + runs.back().count != index) {
      runs.push_back({kind, index, 0});
    }
    ++runs.back().count;
    if (kind != AnswerKind::kLoss) return;
    losses.push_back(loss);
    if (violation != 0.0) violations.resize(losses.size() - 1, 0.0);
    if (violation != 0.0 || !violations.empty()) violations.push_back(violation);
  }

  // Calls visit(Answer) for each answer, in order.
  template <class Visit>
  void ForEach(Visit visit) const {
    size_t next = 0;
    for (const AnswerRun& run : runs) {
      for (uint32_t i = 0; i < run.count; ++i) {
        Answer answer{run.kind, run.first + i};
        if (run.kind == AnswerKind::kLoss) {
          answer.loss = losses[next];
          answer.violation = violations.empty() ? 0.0 : violations[next];
          ++next;
        }
        visit(answer);
      }
    }
  }

  bool empty() const { return runs.empty(); }

  friend bool operator==(const Answers&, const Answers&) = default;
};

}  // namespace polystep

#endif  // POLYSTEP_SERVER_ENGINE_ANSWERS_H_
