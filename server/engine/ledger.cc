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

bool Ledger::Same(const Answer& answer) const {
  switch (status_[answer.index]) {
    case Status::kPendingLoss:
    case Status::kLoss:
      return answer.kind == AnswerKind::kLoss &&
             std::bit_cast<uint64_t>(answer.loss) ==
                 std::bit_cast<uint64_t>(losses_[answer.index]) &&
             answer.violation == violation(answer.index);
    case Status::kPendingInfeasible:
    case Status::kInfeasible:
      return answer.kind == AnswerKind::kInfeasible;
    case Status::kPendingMasked:
    case Status::kMasked:
      return answer.kind == AnswerKind::kMasked;
    case Status::kOpen:
    case Status::kReused:
      break;
  }
  return false;
}

Ledger::Verdict Ledger::Judge(const Answer& answer, uint64_t lease_id) const {
  const uint32_t index = answer.index;
  if (answer.kind == AnswerKind::kTransient) {
    if (decided(index)) return Verdict::kDuplicate;
    auto found = attempts_.find(index);
    bool known = found != attempts_.end() &&
                 std::count(found->second.begin(), found->second.end(), lease_id) > 0;
    return known ? Verdict::kDuplicate : Verdict::kNew;
  }
  if (open(index)) return Verdict::kNew;
  if (!Same(answer)) return Verdict::kConflicting;
  return decided(index) ? Verdict::kDuplicate : Verdict::kRepeat;
}

void Ledger::MarkPending(const Answer& answer) {
  if (answer.kind == AnswerKind::kTransient) return;
  status_[answer.index] = Pending(answer.kind);
  Keep(answer);
}

bool Ledger::MarkPendingIfNew(uint32_t first, absl::Span<const double> losses) {
  const auto status = status_.begin() + first;
  const auto is_open = [](Status s) { return s == Status::kOpen; };
  if (!std::all_of(status, status + static_cast<ptrdiff_t>(losses.size()), is_open)) return false;
  std::fill_n(status, losses.size(), Status::kPendingLoss);
  Keep(first, losses);
  return true;
}

void Ledger::Keep(uint32_t first, absl::Span<const double> losses) {
  std::copy(losses.begin(), losses.end(), losses_.begin() + first);
  if (!violations_.empty()) std::fill_n(violations_.begin() + first, losses.size(), 0.0);
}

void Ledger::Keep(const Answer& answer) {
  losses_[answer.index] = answer.loss;
  if (answer.violation != 0.0) violations_.resize(losses_.size(), 0.0);
  if (!violations_.empty()) violations_[answer.index] = answer.violation;
}

std::vector<uint32_t> Ledger::Revert(const Answers& answers) {
  std::vector<uint32_t> reopened;
  answers.ForEach([&](const Answer& answer) {
    const uint32_t index = answer.index;
    if (answer.kind == AnswerKind::kTransient || decided(index) || open(index)) return;
    status_[index] = Status::kOpen;
    reopened.push_back(index);
  });
  return reopened;
}

Ledger::Applied Ledger::Apply(const Answers& answers) {
  Applied applied;
  const auto losses = [&](uint32_t first, absl::Span<const double> run) {
    return DecideIfOpen(first, run, applied);
  };
  answers.ForEachRun(losses, [&](const Answer& answer) {
    if (answer.index >= count()) return;  // damaged log: the digest check will say so
    if (answer.kind == AnswerKind::kTransient) {
      ApplyTransient(answers, answer.index, applied);
    } else if (!decided(answer.index)) {
      ++applied.accepted;
      Decide(answer, applied);
    } else if (Same(answer)) {
      ++applied.duplicate;
    } else {
      ++applied.conflicting;
    }
  });
  return applied;
}

bool Ledger::DecideIfOpen(uint32_t first, absl::Span<const double> losses, Applied& applied) {
  const uint64_t end = uint64_t{first} + losses.size();
  if (end > status_.size()) return false;
  const auto status = status_.begin() + first;
  const auto is_decided = [](Status s) { return s >= Status::kLoss; };
  if (std::any_of(status, status_.begin() + static_cast<ptrdiff_t>(end), is_decided)) return false;
  std::fill_n(status, losses.size(), Status::kLoss);
  Keep(first, losses);
  const auto count = static_cast<uint32_t>(losses.size());
  undecided_ -= count;
  applied.accepted += count;
  progress_.breaker_answers += count;
  progress_.evaluations += count;
  progress_.score += ScoresIn(first, count);
  AddDecided(first, count, applied);
  return true;
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
    Decide({AnswerKind::kMasked, index}, applied);
  } else {
    applied.to_retry.push_back(index);
  }
}

void Ledger::Decide(const Answer& answer, Applied& applied) {
  const AnswerKind kind = answer.kind;
  const uint32_t index = answer.index;
  --undecided_;
  ++progress_.breaker_answers;
  Keep(answer);
  if (kind == AnswerKind::kMasked) {
    status_[index] = Status::kMasked;
    ++progress_.masked;
    ++progress_.breaker_failed;
  } else {
    ++progress_.evaluations;
    progress_.score += ScoresIn(index, 1);
    status_[index] = kind == AnswerKind::kLoss ? Status::kLoss : Status::kInfeasible;
    if (kind == AnswerKind::kInfeasible) {
      ++progress_.infeasible;
      ++progress_.breaker_failed;
    }
  }
  AddDecided(index, 1, applied);
}

void Ledger::AddDecided(uint32_t first, uint32_t count, Applied& applied) {
  std::vector<IndexRange>& ranges = applied.decided;
  if (ranges.empty() || ranges.back().first + ranges.back().count != first) {
    ranges.push_back({first, 0});
  }
  ranges.back().count += count;
}

uint32_t Ledger::ScoresIn(uint32_t first, uint32_t count) const {
  uint32_t scores = 0;
  for (const IndexRange& range : scores_) {
    const uint32_t from = std::max(first, range.first);
    const uint32_t to = std::min(first + count, range.first + range.count);
    if (from < to) scores += to - from;
  }
  return scores;
}

std::vector<Outcome> Ledger::Outcomes() const {
  std::vector<Outcome> outcomes(status_.size(), Outcome::kMissing);
  for (uint32_t i = 0; i < count(); ++i) {
    if (status_[i] == Status::kLoss) {
      outcomes[i] = violation(i) > 0.0 ? Outcome::kViolation : Outcome::kLoss;
    }
    if (status_[i] == Status::kInfeasible) outcomes[i] = Outcome::kInfeasible;
  }
  return outcomes;
}

}  // namespace polystep
