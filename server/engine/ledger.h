// What is known of the open step's evaluations: nine bytes each, the rare failures besides, and
// eight bytes more each once one of them violates constraints.
//
// An answer is first pending (being committed), then decided (durable). Judge and MarkPending are
// the decision on the strand; Apply takes durable answers in the order of the log and is all that
// recovery calls: whatever was pending, the first answer of an index in the log wins. Not
// thread-safe: belongs to its study's strand.
#ifndef POLYSTEP_SERVER_ENGINE_LEDGER_H_
#define POLYSTEP_SERVER_ENGINE_LEDGER_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "core/search/search.h"
#include "server/engine/answers.h"
#include "server/engine/engine.h"
#include "server/engine/progress.h"

namespace polystep {

class Ledger {
 public:
  // Indices the plan reuses are decided from the start.
  explicit Ledger(const StepPlan& plan);

  uint32_t count() const { return static_cast<uint32_t>(status_.size()); }
  uint32_t undecided() const { return undecided_; }
  bool complete() const { return undecided_ == 0; }
  bool decided(uint32_t index) const { return status_[index] >= Status::kLoss; }
  // Neither decided nor pending: it may be handed out.
  bool open(uint32_t index) const { return status_[index] == Status::kOpen; }

  enum class Verdict : uint8_t {
    kNew,        // record it
    kRepeat,     // equal to one that is pending: record it too, count it as a duplicate
    kDuplicate,  // equal to what is durable
    kConflicting,
  };
  Verdict Judge(const Answer& answer, uint64_t lease_id) const;
  // After kNew or kRepeat.
  void MarkPending(const Answer& answer);
  // Both for feasible losses from `first` on, as usual none of which was told before; false, and
  // nothing done, if one was.
  bool MarkPendingIfNew(uint32_t first, absl::Span<const double> losses);
  // The commit of `answers` was refused: what is still pending of them is open again. Returns
  // those.
  std::vector<uint32_t> Revert(const Answers& answers);

  struct Applied {
    uint32_t accepted = 0, duplicate = 0, conflicting = 0;
    std::vector<IndexRange> decided;  // became so by this
    std::vector<uint32_t> to_retry;   // failed for this lease, open for others
  };
  Applied Apply(const Answers& answers);

  // Of this step's answers so far.
  const Progress& progress() const { return progress_; }

  // Input of Search::Close, which fills in the reused ones. The ledger is complete.
  std::vector<double>& losses() { return losses_; }
  std::vector<double>& violations() { return violations_; }  // empty if none was told
  std::vector<Outcome> Outcomes() const;

 private:
  enum class Status : uint8_t {
    kOpen = 0,
    kPendingLoss = 1,
    kPendingInfeasible = 2,
    kPendingMasked = 3,
    kLoss = 4,
    kInfeasible = 5,
    kMasked = 6,
    kReused = 7,
  };
  static Status Pending(AnswerKind kind);

  bool Same(const Answer& answer) const;
  void Keep(const Answer& answer);
  void Keep(uint32_t first, absl::Span<const double> losses);  // feasible ones
  double violation(uint32_t index) const { return violations_.empty() ? 0.0 : violations_[index]; }
  void ApplyTransient(const Answers& answers, uint32_t index, Applied& applied);
  void Decide(const Answer& answer, Applied& applied);
  // Feasible losses; false, and nothing done, if one of them is decided.
  bool DecideIfOpen(uint32_t first, absl::Span<const double> losses, Applied& applied);
  static void AddDecided(uint32_t first, uint32_t count, Applied& applied);
  uint32_t ScoresIn(uint32_t first, uint32_t count) const;

  std::vector<double> losses_;
  std::vector<double> violations_;
  std::vector<Status> status_;
  std::map<uint32_t, std::vector<uint64_t>> attempts_;  // leases that reported a transient failure
  std::vector<IndexRange> scores_;
  uint32_t undecided_ = 0;
  Progress progress_;
};

}  // namespace polystep

#endif  // POLYSTEP_SERVER_ENGINE_LEDGER_H_
