#include "server/engine/ledger.h"

#include <algorithm>
#include <bit>

namespace polystep {

Ledger::Ledger(const StepPlan& plan)
    : losses_(plan.count, 0.0), status_(plan.count, Status::kOpen), undecided_(plan.count) {
  for (const Reused& reused : plan.reused) {
    status_[reused.index] = Status::kReused;
    --undecided_;
  }
  for (const Segment& segment : plan.segments) {
    if (segment.purpose == Purpose::kScore) {
      scores_.push_back({segment.first_index, segment.count()});
    }
  }
}

Ledger::Status Ledger::Pending(AnswerKind kind) {
  switch (kind) {
    case AnswerKind::kLoss:
      return Status::kPendingLoss;
    case AnswerKind::kInfeasible:
      return Status::kPendingInfeasible;
    case AnswerKind::kMasked:
      return Status::kPendingMasked;
    case AnswerKind::kTransient:
      break;
  }
  return Status::kOpen;
}

bool Ledger::Same(AnswerKind kind, uint32_t index, double loss) const {
  switch (status_[index]) {
    case Status::kPendingLoss:
    case Status::kLoss:
      return kind == AnswerKind::kLoss &&
             std::bit_cast<uint64_t>(loss) == std::bit_cast<uint64_t>(losses_[index]);
    case Status::kPendingInfeasible:
    case Status::kInfeasible:
      return kind == AnswerKind::kInfeasible;
    case Status::kPendingMasked:
    case Status::kMasked:
      return kind == AnswerKind::kMasked;
    case Status::kOpen:
    case Status::kReused:
      break;
  }
  return false;
}

Ledger::Verdict Ledger::Judge(AnswerKind kind, uint32_t index, double loss,
                              uint64_t lease_id) const {
  if (kind == AnswerKind::kTransient) {
    if (decided(index)) return Verdict::kDuplicate;
    auto found = attempts_.find(index);
    bool known = found != attempts_.end() &&
                 std::count(found->second.begin(), found->second.end(), lease_id) > 0;
    return known ? Verdict::kDuplicate : Verdict::kNew;
  }
  if (open(index)) return Verdict::kNew;
  if (!Same(kind, index, loss)) return Verdict::kConflicting;
  return decided(index) ? Verdict::kDuplicate : Verdict::kRepeat;
}

void Ledger::MarkPending(AnswerKind kind, uint32_t index, double loss) {
  if (kind == AnswerKind::kTransient) return;
  status_[index] = Pending(kind);
  losses_[index] = loss;
}

std::vector<uint32_t> Ledger::Revert(const Answers& answers) {
  std::vector<uint32_t> reopened;
  answers.ForEach([&](AnswerKind kind, uint32_t index, double) {
    if (kind == AnswerKind::kTransient || decided(index) || open(index)) return;
    status_[index] = Status::kOpen;
    reopened.push_back(index);
  });
  return reopened;
}

Ledger::Applied Ledger::Apply(const Answers& answers) {
  Applied applied;
  answers.ForEach([&](AnswerKind kind, uint32_t index, double loss) {
    if (index >= count()) return;  // damaged log: the digest check will say so
    if (kind == AnswerKind::kTransient) {
      ApplyTransient(answers, index, applied);
    } else if (!decided(index)) {
      ++applied.accepted;
      Decide(kind, index, loss, applied);
    } else if (Same(kind, index, loss)) {
      ++applied.duplicate;
    } else {
      ++applied.conflicting;
    }
  });
  return applied;
}

void Ledger::ApplyTransient(const Answers& answers, uint32_t index, Applied& applied) {
  std::vector<uint64_t>& leases = attempts_[index];
  if (decided(index) || std::count(leases.begin(), leases.end(), answers.lease_id) > 0) {
    ++applied.duplicate;
    return;
  }
  ++applied.accepted;
  ++progress_.transient;
  leases.push_back(answers.lease_id);
  if (leases.size() >= answers.max_attempts) {
    Decide(AnswerKind::kMasked, index, 0.0, applied);
  } else {
    applied.to_retry.push_back(index);
  }
}

void Ledger::Decide(AnswerKind kind, uint32_t index, double loss, Applied& applied) {
  --undecided_;
  ++progress_.breaker_answers;
  losses_[index] = loss;
  if (kind == AnswerKind::kMasked) {
    status_[index] = Status::kMasked;
    ++progress_.masked;
    ++progress_.breaker_failed;
  } else {
    ++progress_.evaluations;
    if (IsScore(index)) ++progress_.score;
    status_[index] = kind == AnswerKind::kLoss ? Status::kLoss : Status::kInfeasible;
    if (kind == AnswerKind::kInfeasible) {
      ++progress_.infeasible;
      ++progress_.breaker_failed;
    }
  }
  std::vector<IndexRange>& ranges = applied.decided;
  if (ranges.empty() || ranges.back().first + ranges.back().count != index) {
    ranges.push_back({index, 0});
  }
  ++ranges.back().count;
}

bool Ledger::IsScore(uint32_t index) const {
  return std::any_of(scores_.begin(), scores_.end(),
                     [&](const IndexRange& range) { return index - range.first < range.count; });
}

std::vector<Outcome> Ledger::Outcomes() const {
  std::vector<Outcome> outcomes(status_.size(), Outcome::kMissing);
  for (size_t i = 0; i < status_.size(); ++i) {
    if (status_[i] == Status::kLoss) outcomes[i] = Outcome::kLoss;
    if (status_[i] == Status::kInfeasible) outcomes[i] = Outcome::kInfeasible;
  }
  return outcomes;
}

}  // namespace polystep
