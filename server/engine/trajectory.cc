#include "server/engine/trajectory.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/base/hex.h"
#include "server/engine/digest.h"
#include "server/engine/limits.h"

namespace polystep {
namespace {

void AddTo(Progress& total, const Progress& part) {
  total.evaluations += part.evaluations;
  total.infeasible += part.infeasible;
  total.masked += part.masked;
  total.transient += part.transient;
  total.score += part.score;
  total.reused += part.reused;
  total.breaker_answers += part.breaker_answers;
  total.breaker_failed += part.breaker_failed;
}

}  // namespace

Trajectory::Trajectory(const StudySpec& spec, Search search)
    : search_(std::move(search)),
      maximize_(spec.goal == Goal::kMaximize),
      digest_(InitialDigest(spec, search_.spec(), kAlgorithmRevision)),
      stop_(spec.stop),
      opened_with_(spec.stop) {}

absl::StatusOr<Trajectory> Trajectory::Create(const StudySpec& spec, SearchSpec resolved) {
  absl::StatusOr<Search> search = Search::Create(std::move(resolved));
  if (!search.ok()) return search.status();
  return Trajectory(spec, *std::move(search));
}

absl::Status Trajectory::Restore(int64_t step, const SnapshotEntry& snapshot) {
  if (absl::Status status = search_.Restore(snapshot.search); !status.ok()) return status;
  if (search_.step() != step) {
    return absl::DataLossError(
        absl::StrCat("snapshot of step ", step, " holds the state of step ", search_.step()));
  }
  digest_ = snapshot.digest;
  progress_ = snapshot.progress;
  stop_ = snapshot.stop;
  ledger_.reset();
  return absl::OkStatus();
}

SnapshotEntry Trajectory::Snapshot() const {
  SnapshotEntry snapshot;
  snapshot.search = search_.Save();
  snapshot.digest = digest_;
  snapshot.progress = progress_;
  snapshot.stop = is_open() ? opened_with_ : stop_;
  return snapshot;
}

Progress Trajectory::progress() const {
  Progress total = progress_;
  if (is_open()) AddTo(total, ledger_->progress());
  total.breaker_answers -= breaker_base_answers_;
  total.breaker_failed -= breaker_base_failed_;
  return total;
}

std::optional<std::string> Trajectory::StopReason() const {
  const std::optional<Incumbent>& best = search_.best();
  if (stop_.max_steps && step() >= *stop_.max_steps) {
    return absl::StrCat("max_steps: ", *stop_.max_steps, " steps are done");
  }
  if (stop_.max_evaluations && progress_.evaluations >= *stop_.max_evaluations) {
    return absl::StrCat("max_evaluations: ", *stop_.max_evaluations, " evaluations are done");
  }
  if (stop_.target_loss && best && best->violation == 0.0) {
    double loss = Sign(best->loss);
    if (maximize_ ? loss >= *stop_.target_loss : loss <= *stop_.target_loss) {
      return absl::StrCat("target_loss: ", loss, " reaches ", *stop_.target_loss);
    }
  }
  int64_t since = step() - std::max<int64_t>(search_.improved_step() + 1, 0);
  if (stop_.patience_steps && since >= *stop_.patience_steps) {
    return absl::StrCat("patience_steps: no better loss for ", since, " steps");
  }
  if (search_.steps_without_evaluation() >= limits::kStepsWithoutEvaluation) {
    return absl::StrCat("search space exhausted: ", search_.steps_without_evaluation(),
                        " steps without a point that was not answered before");
  }
  return std::nullopt;
}

bool Trajectory::Open() {
  int64_t budget = std::numeric_limits<int64_t>::max();
  if (stop_.max_evaluations)
    budget = std::max<int64_t>(*stop_.max_evaluations - progress_.evaluations, 0);
  plan_ = search_.Open(budget);
  opened_with_ = stop_;
  if (plan_.count == 0) return false;
  ledger_.emplace(plan_);
  return true;
}

void Trajectory::ResetBreaker() {
  progress_.breaker_answers = progress_.breaker_failed = 0;
  breaker_base_answers_ = is_open() ? ledger_->progress().breaker_answers : 0;
  breaker_base_failed_ = is_open() ? ledger_->progress().breaker_failed : 0;
}

std::optional<std::string> Trajectory::BreakerReason(double max_failed_fraction) const {
  Progress total = progress();
  if (total.breaker_answers < limits::kFailedFractionWindow) return std::nullopt;
  double fraction =
      static_cast<double>(total.breaker_failed) / static_cast<double>(total.breaker_answers);
  if (fraction <= max_failed_fraction) return std::nullopt;
  return absl::StrFormat(
      "max_failed_fraction: %d of the last %d evaluations were infeasible or masked, above %g",
      total.breaker_failed, total.breaker_answers, max_failed_fraction);
}

StepRow Trajectory::Close(Run run) {
  std::vector<Outcome> outcomes = ledger_->Outcomes();
  std::vector<double>& losses = ledger_->losses();
  int64_t step = search_.step();
  StepRow row;
  std::vector<double>& violations = ledger_->violations();
  row.summary = search_.Close(absl::MakeSpan(losses), absl::MakeSpan(outcomes), &violations);
  run([&] {
    digest_ = NextDigest(
        digest_, {step, losses, outcomes, search_.center(), violations, search_.center_bits()});
  });
  row.digest = HexEncode(digest_);
  for (std::optional<double>* loss :
       {&row.summary.best_loss, &row.summary.mean_loss, &row.summary.score}) {
    if (*loss) *loss = Sign(**loss);
  }
  AddTo(progress_, ledger_->progress());
  progress_.breaker_answers -= std::exchange(breaker_base_answers_, 0);
  progress_.breaker_failed -= std::exchange(breaker_base_failed_, 0);
  progress_.reused += row.summary.reused;
  if (progress_.breaker_answers > limits::kFailedFractionMemory) {
    progress_.breaker_answers /= 2;
    progress_.breaker_failed /= 2;
  }
  ledger_.reset();
  return row;
}

}  // namespace polystep
