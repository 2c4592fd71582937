#include "client/examples/nets/study.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "client/cpp/status_details.h"
#include "core/random/random_stream.h"

namespace polystep::nets {
namespace {

constexpr char kLabel[] = "polystep-nets";
constexpr int64_t kLeaseSeconds = 5;

// Normal but for the last column, which is 0: what no initializer of the API draws.
std::vector<float> NormalWithoutBias(const TensorShape& tensor, uint64_t seed) {
  RandomStream stream(seed, 0, 0, Draw::kInitial);
  std::vector<float> values(tensor.size());
  for (size_t n = 0; n < values.size(); ++n) {
    if ((n + 1) % tensor.columns == 0) continue;
    values[n] = static_cast<float>(tensor.scale * stream.Normal());
  }
  return values;
}

absl::Status AddTensor(const client::Client& client, const TensorShape& tensor, uint64_t seed,
                       v1::StudySpec& spec) {
  v1::TensorSpec* added = spec.add_tensors();
  added->set_name(tensor.name);
  added->add_shape(static_cast<int64_t>(tensor.outputs));
  added->add_shape(static_cast<int64_t>(tensor.columns));
  added->set_kind(v1::TensorSpec::REAL);
  v1::Initializer* start = added->mutable_initializer();
  switch (tensor.start) {
    case TensorShape::Start::kUniform:
      start->set_kind(v1::Initializer::UNIFORM);
      start->set_scale(tensor.scale);
      break;
    case TensorShape::Start::kNormal:
      start->set_kind(v1::Initializer::NORMAL);
      start->set_scale(tensor.scale);
      break;
    case TensorShape::Start::kNormalWithoutBias: {
      absl::StatusOr<std::string> uploaded =
          client.UploadTensor({added->shape(0), added->shape(1)}, NormalWithoutBias(tensor, seed));
      if (!uploaded.ok()) return uploaded.status();
      start->set_kind(v1::Initializer::UPLOADED);
      start->set_content_id(*uploaded);
      break;
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::StudySpec> Spec(const client::Client& client, const Evaluator& evaluator,
                                   const StudyOptions& options) {
  v1::StudySpec spec;
  for (const TensorShape& tensor : evaluator.tensors()) {
    if (absl::Status status = AddTensor(client, tensor, options.seed, spec); !status.ok()) {
      return status;
    }
  }
  spec.set_seed(options.seed);
  spec.mutable_evaluation()->set_noise(v1::EvaluationPolicy::SEEDED);
  spec.mutable_evaluation()->set_score_every(options.score_every);
  // Leases take milliseconds: those of a worker that died need not be waited for long.
  spec.mutable_evaluation()->mutable_lease_ttl()->set_seconds(kLeaseSeconds);
  *spec.mutable_optimizer() = options.optimizer;
  if (options.optimizer.method() == v1::OptimizerSpec::METHOD_UNSPECIFIED) {
    spec.mutable_optimizer()->set_method(v1::OptimizerSpec::POLYSTEP_ROWS);
  }
  if (options.max_evaluations) spec.mutable_stop()->set_max_evaluations(*options.max_evaluations);
  return spec;
}

}  // namespace

std::string StudyId(Task task, const StudyOptions& options) {
  if (!options.study.empty()) return options.study;
  return absl::StrCat("nets-", NameOf(task), "-", options.seed);
}

std::string Fingerprint(const Evaluator& evaluator) {
  return absl::StrCat(NameOf(evaluator.task()), " batch ", evaluator.batch().first, " growth ",
                      evaluator.batch().growth, " data ",
                      absl::Hex(evaluator.dataset().fingerprint(), absl::kZeroPad16));
}

absl::StatusOr<OpenedStudy> OpenStudy(const client::Client& client, const Evaluator& evaluator,
                                      const StudyOptions& options) {
  const std::string fingerprint = Fingerprint(evaluator);
  const std::string id = StudyId(evaluator.task(), options);
  client::Study study = client.GetStudy(id);
  absl::StatusOr<v1::Study> found = study.Get();
  if (absl::IsNotFound(found.status())) {
    absl::StatusOr<v1::StudySpec> spec = Spec(client, evaluator, options);
    if (!spec.ok()) return spec.status();
    absl::StatusOr<v1::Study> created =
        client.CreateStudy(id, *spec, {.labels = {{kLabel, fingerprint}}});
    if (created.ok()) return OpenedStudy{std::move(study), true};
    if (!absl::IsAlreadyExists(created.status())) return created.status();
    found = study.Get();  // another process was faster
  }
  if (!found.ok()) return found.status();
  const auto label = found->labels().find(kLabel);
  if (label == found->labels().end() || label->second != fingerprint) {
    return absl::FailedPreconditionError(
        absl::StrCat("study ", id, " is of '", label == found->labels().end() ? "" : label->second,
                     "', not of '", fingerprint, "'; give another --study"));
  }
  if (absl::Status status = client::StudyFailure(*found); !status.ok()) return status;
  const bool rests = found->state() == v1::Study::PAUSED;
  if (rests) {
    if (absl::StatusOr<v1::Study> resumed = study.Resume(); !resumed.ok()) return resumed.status();
  }
  return OpenedStudy{std::move(study), rests};
}

absl::StatusOr<std::vector<float>> BestWeights(const client::Study& study,
                                               const Evaluator& evaluator) {
  absl::StatusOr<client::Point> point = study.Solution(v1::GetSolutionRequest::BEST);
  if (absl::IsFailedPrecondition(point.status())) {
    point = study.Solution(v1::GetSolutionRequest::CENTER);
  }
  if (!point.ok()) return point.status();
  std::vector<float> values;
  for (const client::Tensor& tensor : point->tensors) {
    values.insert(values.end(), tensor.values.begin(), tensor.values.end());
  }
  if (values.size() != evaluator.dimension()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the study has ", values.size(), " weights, the network ", evaluator.dimension()));
  }
  return values;
}

}  // namespace polystep::nets
