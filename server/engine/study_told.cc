// What is in a tell, checked before anything is decided.
#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/field_error.h"
#include "server/base/hex.h"
#include "server/engine/digest.h"
#include "server/engine/limits.h"
#include "server/engine/status.h"
#include "server/engine/study.h"
#include "server/engine/study_state.h"
#include "server/engine/validate.h"

namespace polystep {
namespace {

bool AllFinite(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(), [](double x) { return std::isfinite(x); });
}

absl::Status CheckViolations(const LossSlice& slice) {
  if (slice.violations.empty()) return absl::OkStatus();
  if (slice.violations.size() != slice.losses.size()) {
    return FieldError("slices.violations",
                      absl::StrCat("has ", slice.violations.size(), " entries for ",
                                   slice.losses.size(), " losses: one for each, or none"));
  }
  for (size_t i = 0; i < slice.violations.size(); ++i) {
    const double violation = slice.violations[i];
    if (std::isfinite(violation) && violation >= 0.0) continue;
    return FieldError("slices.violations",
                      absl::StrCat("the violation of index ", slice.first_index + i, " is ",
                                   violation, ", it must be finite and at least 0"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> Study::DigestBefore(int64_t step) {
  if (step == trajectory_->step()) return trajectory_->digest();
  if (step == 0) return InitialDigest(requested_, entry_.resolved, entry_.algorithm_revision);
  absl::StatusOr<std::vector<StepRow>> rows = Rows(step - 1, 1);
  if (!rows.ok()) return rows.status();
  if (rows->empty() || rows->front().summary.step != step - 1) return std::string();
  return HexDecode(rows->front().digest).value_or("");
}

absl::StatusOr<TokenFields> Study::CheckToken(const std::string& token) {
  absl::StatusOr<TokenFields> fields = context_->signer.Verify(uid_, token);
  if (!fields.ok()) return fields.status();
  absl::StatusOr<std::string> digest =
      fields->step > trajectory_->step() ? std::string() : DigestBefore(fields->step);
  if (!digest.ok()) return digest.status();
  if (*digest == fields->digest) return fields;
  return WithReason(
      absl::FailedPreconditionError(
          absl::StrCat("token: step ", fields->step, " of study \"", id_,
                       "\" was opened by another state: the study was restored or imported since")),
      reason::kLeaseFenced);
}

absl::Status Study::AddLoss(uint32_t index, double loss, double violation, Told& told) const {
  if (std::isfinite(loss)) {
    // 0.0: a negative zero is as feasible, and equal to it.
    told.answers.Add(
        {AnswerKind::kLoss, index, trajectory_->Sign(loss), violation == 0.0 ? 0.0 : violation});
    return absl::OkStatus();
  }
  switch (requested_.non_finite) {
    case NonFinite::kInfeasible:
      told.answers.Add({AnswerKind::kInfeasible, index});
      break;
    case NonFinite::kMask:
      told.answers.Add({AnswerKind::kMasked, index});
      break;
    case NonFinite::kReject:
      return FieldError("slices.losses", absl::StrCat("the loss of index ", index, " is ", loss,
                                                      ", this study takes finite losses only"));
  }
  return absl::OkStatus();
}

absl::Status Study::ReadSlice(const LossSlice& slice, Told& told) const {
  const TokenFields& token = told.token;
  uint64_t end = uint64_t{token.first} + token.count;
  auto outside = [&](std::string_view field, uint64_t index) {
    return FieldError(field, absl::StrCat("index ", index, " is outside of the lease, [",
                                          token.first, ", ", end, ") of step ", token.step));
  };
  uint64_t last = uint64_t{slice.first_index} + slice.losses.size();
  if (!slice.losses.empty() && slice.first_index < token.first) {
    return outside("slices.first_index", slice.first_index);
  }
  if (!slice.losses.empty() && last > end) return outside("slices.losses", last - 1);
  if (absl::Status status = CheckViolations(slice); !status.ok()) return status;
  if (slice.failures.empty() && slice.violations.empty() && AllFinite(slice.losses)) {
    told.answers.AddLosses(slice.first_index, slice.losses);
    const auto added = told.answers.losses.end() - static_cast<ptrdiff_t>(slice.losses.size());
    std::for_each(added, told.answers.losses.end(),
                  [this](double& loss) { loss = trajectory_->Sign(loss); });
    return absl::OkStatus();
  }
  std::vector<uint32_t> failed;
  for (const Failure& failure : slice.failures) {
    if (failure.index < token.first || failure.index >= end) {
      return outside("slices.failures.index", failure.index);
    }
    failed.push_back(failure.index);
  }
  std::sort(failed.begin(), failed.end());
  for (size_t i = 0; i < slice.losses.size(); ++i) {
    uint32_t index = slice.first_index + static_cast<uint32_t>(i);
    if (std::binary_search(failed.begin(), failed.end(), index)) continue;
    const double violation = slice.violations.empty() ? 0.0 : slice.violations[i];
    if (absl::Status status = AddLoss(index, slice.losses[i], violation, told); !status.ok()) {
      return status;
    }
  }
  for (const Failure& failure : slice.failures) {
    told.answers.Add({failure.kind == Failure::Kind::kTransient ? AnswerKind::kTransient
                                                                : AnswerKind::kInfeasible,
                      failure.index});
    told.failure = failure.message.substr(0, limits::kFailureMessage);
  }
  return absl::OkStatus();
}

absl::StatusOr<Study::Told> Study::CheckTell(const TellParams& params) {
  absl::StatusOr<TokenFields> token = CheckToken(params.token);
  if (!token.ok()) return token.status();
  if (params.step > trajectory_->step()) {
    return FieldError("step",
                      absl::StrCat("is ", params.step, ", the open step is ", trajectory_->step()));
  }
  if (params.step != token->step) {
    return FieldError("step",
                      absl::StrCat("is ", params.step, ", the token is of step ", token->step));
  }
  uint64_t answers = 0;
  for (const LossSlice& slice : params.slices) {
    answers += slice.losses.size() + slice.failures.size();
  }
  if (params.slices.size() > limits::kSlices || answers > limits::kAnswers) {
    return FieldError("slices", absl::StrCat("has ", params.slices.size(), " slices and ", answers,
                                             " answers, the limits are ", limits::kSlices, " and ",
                                             limits::kAnswers));
  }
  Told told;
  told.token = *token;
  told.current =
      token->step == trajectory_->step() && trajectory_->is_open() && !IsFinished(entry_.state);
  told.answers.lease_id = token->lease_id;
  told.answers.max_attempts = entry_.lease.max_attempts;
  for (const LossSlice& slice : params.slices) {
    if (absl::Status status = ReadSlice(slice, told); !status.ok()) return status;
  }
  if (params.next) {
    const std::string& study = params.next->study;
    if (study != id_ && study != kAnyStudy && !study.empty()) {
      return FieldError("next.study",
                        absl::StrCat("is \"", study, "\", the tell is to \"", id_, "\""));
    }
    absl::Status status = study == kAnyStudy ? ValidateAsk(*params.next) : CheckAsk(*params.next);
    if (!status.ok()) return PrefixField(status, "next.");
  }
  return told;
}

}  // namespace polystep
