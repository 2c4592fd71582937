#include "client/examples/maxsat/study.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cpp/status_details.h"

namespace polystep::maxsat {
namespace {

constexpr char kLabel[] = "polystep-maxsat-formula";
constexpr char kTensor[] = "assignment";

v1::StudySpec Spec(const Formula& formula, const StudyOptions& options) {
  v1::StudySpec spec;
  v1::TensorSpec* tensor = spec.add_tensors();
  tensor->set_name(kTensor);
  tensor->add_shape(formula.variables());
  tensor->set_kind(v1::TensorSpec::BINARY);
  spec.set_seed(options.seed);
  if (options.max_evaluations) spec.mutable_stop()->set_max_evaluations(*options.max_evaluations);
  spec.mutable_stop()->set_target_loss(static_cast<double>(formula.unavoidable().soft));
  return spec;
}

}  // namespace

std::string Fingerprint(const Formula& formula, uint64_t hard_weight) {
  uint64_t hash = 14695981039346656037u;  // FNV-1a, over words
  const auto add = [&hash](uint64_t word) {
    hash = (hash ^ word) * 1099511628211u;
    hash ^= hash >> 32;
  };
  add(formula.variables());
  if (formula.has_hard()) add(hard_weight);
  for (size_t c = 0; c < formula.clauses(); ++c) {
    for (Literal literal : formula.clause(c)) add(literal);
    add(~formula.weight(c));  // also ends the clause
  }
  return absl::StrCat(absl::Hex(hash, absl::kZeroPad16));
}

absl::StatusOr<OpenedStudy> OpenStudy(const client::Client& client, const Formula& formula,
                                      const StudyOptions& options) {
  const std::string fingerprint = Fingerprint(formula, options.hard_weight);
  const std::string id = options.study.empty()
                             ? absl::StrCat("maxsat-", fingerprint, "-", options.seed)
                             : options.study;
  client::Study study = client.GetStudy(id);
  absl::StatusOr<v1::Study> found = study.Get();
  if (absl::IsNotFound(found.status())) {
    absl::StatusOr<v1::Study> created =
        client.CreateStudy(id, Spec(formula, options), {.labels = {{kLabel, fingerprint}}});
    if (!created.ok()) return created.status();
    return OpenedStudy{std::move(study), true};
  }
  if (!found.ok()) return found.status();
  const auto label = found->labels().find(kLabel);
  if (label == found->labels().end() || label->second != fingerprint) {
    return absl::FailedPreconditionError(
        absl::StrCat("study ", id, " belongs to another formula; give another --study"));
  }
  if (absl::Status status = client::StudyFailure(*found); !status.ok()) return status;
  const bool rests = found->state() == v1::Study::PAUSED;
  if (rests) {
    if (absl::StatusOr<v1::Study> resumed = study.Resume(); !resumed.ok()) return resumed.status();
  }
  return OpenedStudy{std::move(study), rests};
}

absl::StatusOr<std::vector<uint8_t>> BestAssignment(const client::Study& study) {
  absl::StatusOr<client::Point> best = study.Solution(v1::GetSolutionRequest::BEST);
  if (!best.ok()) return best.status();
  if (best->tensors.size() != 1) return absl::InternalError("the best solution has no tensor");
  std::vector<uint8_t> values;
  values.reserve(best->tensors[0].values.size());
  for (float value : best->tensors[0].values) values.push_back(value >= 0.5f ? 1 : 0);
  return values;
}

}  // namespace polystep::maxsat
