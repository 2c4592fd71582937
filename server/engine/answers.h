// The answers of one tell, as the log keeps them: runs of consecutive indices of one kind. A value.
#ifndef POLYSTEP_SERVER_ENGINE_ANSWERS_H_
#define POLYSTEP_SERVER_ENGINE_ANSWERS_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"

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
    Extend(kind, index, 1);
    if (kind != AnswerKind::kLoss) return;
    losses.push_back(loss);
    if (violation != 0.0) violations.resize(losses.size() - 1, 0.0);
    if (violation != 0.0 || !violations.empty()) violations.push_back(violation);
  }

  // Appends feasible losses, of the indices from `first` on.
  void AddLosses(uint32_t first, absl::Span<const double> added) {
    if (added.empty()) return;
    Extend(AnswerKind::kLoss, first, static_cast<uint32_t>(added.size()));
    losses.insert(losses.end(), added.begin(), added.end());
    if (!violations.empty()) violations.resize(losses.size(), 0.0);
  }

  // Calls losses_of(first index, losses) for each run of feasible losses, and visit(Answer) for
  // each answer of the other runs and of those for which it returned false; in order.
  template <class LossesOf, class Visit>
  void ForEachRun(LossesOf losses_of, Visit visit) const {
    size_t next = 0;
    for (const AnswerRun& run : runs) {
      const size_t here = run.kind == AnswerKind::kLoss ? run.count : 0;
      const bool plain = here > 0 && violations.empty();
      if (!plain || !losses_of(run.first, absl::MakeConstSpan(losses).subspan(next, here))) {
        VisitRun(run, next, visit);
      }
      next += here;
    }
  }

  // Calls visit(Answer) for each answer, in order.
  template <class Visit>
  void ForEach(Visit visit) const {
    ForEachRun([](uint32_t, absl::Span<const double>) { return false; }, visit);
  }

  bool empty() const { return runs.empty(); }

  friend bool operator==(const Answers&, const Answers&) = default;

 private:
  void Extend(AnswerKind kind, uint32_t first, uint32_t count) {
    if (runs.empty() || runs.back().kind != kind ||
        runs.back().first + runs.back().count != first) {
      runs.push_back({kind, first, 0});
    }
    runs.back().count += count;
  }

  // The first of its losses is that of `next`.
  template <class Visit>
  void VisitRun(const AnswerRun& run, size_t next, Visit& visit) const {
    for (uint32_t i = 0; i < run.count; ++i) {
      Answer answer{run.kind, run.first + i};
      if (run.kind == AnswerKind::kLoss) {
        answer.loss = losses[next + i];
        answer.violation = violations.empty() ? 0.0 : violations[next + i];
      }
      visit(answer);
    }
  }
};

}  // namespace polystep

#endif  // POLYSTEP_SERVER_ENGINE_ANSWERS_H_
