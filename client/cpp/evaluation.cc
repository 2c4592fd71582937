#include "client/cpp/evaluation.h"

#include "absl/strings/str_cat.h"

namespace polystep::client {
namespace {

template <class T>
absl::StatusOr<T> Typed(const Candidate& candidate, const std::string& name, const char* type) {
  for (const Parameter& parameter : candidate.parameters) {
    if (parameter.name != name) continue;
    if (const T* value = std::get_if<T>(&parameter.value)) return *value;
    return absl::InvalidArgumentError(absl::StrCat("parameter '", name, "' is not ", type));
  }
  return absl::InvalidArgumentError(absl::StrCat("the study has no parameter '", name, "'"));
}

EvaluationResult Failed(EvaluationResult::Kind kind, std::string message) {
  EvaluationResult result(std::numeric_limits<double>::quiet_NaN());
  result.kind = kind;
  result.message = std::move(message);
  return result;
}

}  // namespace

absl::StatusOr<double> Candidate::Real(const std::string& name) const {
  if (absl::StatusOr<int64_t> integer = Typed<int64_t>(*this, name, "an integer"); integer.ok()) {
    return static_cast<double>(*integer);
  }
  return Typed<double>(*this, name, "a number");
}

absl::StatusOr<int64_t> Candidate::Integer(const std::string& name) const {
  return Typed<int64_t>(*this, name, "an integer");
}

absl::StatusOr<std::string> Candidate::Categorical(const std::string& name) const {
  return Typed<std::string>(*this, name, "categorical");
}

absl::StatusOr<bool> Candidate::Boolean(const std::string& name) const {
  return Typed<bool>(*this, name, "boolean");
}

absl::StatusOr<absl::Span<const float>> Candidate::Values(const std::string& tensor) const {
  for (const Tensor& candidate : tensors) {
    if (candidate.name == tensor) return absl::MakeConstSpan(candidate.values);
  }
  return absl::InvalidArgumentError(absl::StrCat("the study has no tensor '", tensor, "'"));
}

EvaluationResult EvaluationResult::Infeasible(std::string reason) {
  return Failed(Kind::kInfeasible, std::move(reason));
}

EvaluationResult EvaluationResult::Transient(std::string reason) {
  return Failed(Kind::kTransient, std::move(reason));
}

EvaluationResult EvaluationResult::Abandoned() { return Failed(Kind::kAbandoned, ""); }

EvaluationResult EvaluationResult::CannotRun(std::string reason) {
  return Failed(Kind::kCannotRun, std::move(reason));
}

BatchEvaluator OneByOne(Evaluator evaluator) {
  return [evaluator = std::move(evaluator)](absl::Span<const Candidate> candidates,
                                            const EvaluationContext& context) {
    std::vector<EvaluationResult> results;
    for (const Candidate& candidate : candidates) {
      results.push_back(context.stop.stop_requested() ? EvaluationResult::Abandoned()
                                                      : evaluator(candidate, context));
    }
    return results;
  };
}

}  // namespace polystep::client
