#include "client/examples/rl/study.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "client/cpp/status_details.h"

namespace polystep::rl {
namespace {

constexpr char kLabel[] = "polystep-rl";

// Starts as layers of networks do: uniform within one over the root of a unit's inputs.
void AddTensor(const char* name, std::initializer_list<int64_t> shape, int inputs,
               v1::StudySpec& spec) {
  v1::TensorSpec* tensor = spec.add_tensors();
  tensor->set_name(name);
  for (int64_t length : shape) tensor->add_shape(length);
  tensor->set_kind(v1::TensorSpec::REAL);
  tensor->mutable_initializer()->set_kind(v1::Initializer::UNIFORM);
  tensor->mutable_initializer()->set_scale(1.0 / std::sqrt(static_cast<double>(inputs)));
}

}  // namespace

v1::StudySpec Spec(const StudyOptions& options) {
  const PolicyShape shape = options.task.shape();
  v1::StudySpec spec;
  AddTensor("hidden_weights", {Policy::kHidden, shape.observations}, shape.observations, spec);
  AddTensor("hidden_biases", {Policy::kHidden}, shape.observations, spec);
  AddTensor("output_weights", {shape.actions, Policy::kHidden}, Policy::kHidden, spec);
  AddTensor("output_biases", {shape.actions}, Policy::kHidden, spec);
  spec.set_goal(v1::StudySpec::MAXIMIZE);
  spec.set_seed(options.seed);
  spec.mutable_evaluation()->set_noise(v1::EvaluationPolicy::SEEDED);
  spec.mutable_stop()->set_max_evaluations(options.evaluations > 0 ? options.evaluations
                                                                   : options.task.evaluations());
  // No policy can have more.
  if (const auto most = options.task.largest_return()) spec.mutable_stop()->set_target_loss(*most);
  return spec;
}

absl::StatusOr<client::Study> OpenStudy(const client::Client& client, const StudyOptions& options,
                                        bool create) {
  const std::string task = options.task.name();
  const std::string id =
      options.study.empty() ? absl::StrCat("rl-", task, "-", options.seed) : options.study;
  client::Study study = client.GetStudy(id);
  absl::StatusOr<v1::Study> found = study.Get();
  if (absl::IsNotFound(found.status()) && create) {
    found = client.CreateStudy(id, Spec(options), {.labels = {{kLabel, task}}});
  }
  if (!found.ok()) return found.status();
  const auto label = found->labels().find(kLabel);
  if (label == found->labels().end() || label->second != task) {
    return absl::FailedPreconditionError(
        absl::StrCat("study ", id, " is not one of ", task, "; give another --study"));
  }
  if (absl::Status status = client::StudyFailure(*found); !status.ok()) return status;
  return study;
}

double Evaluate(const Task& task, const client::Candidate& candidate) {
  const bool judged = candidate.purpose == client::Purpose::kScore;
  return Mean(Returns(
      task, candidate.values(),
      {.seed = candidate.evaluation_seed, .count = judged ? kScoreEpisodes : task.episodes()}));
}

}  // namespace polystep::rl
