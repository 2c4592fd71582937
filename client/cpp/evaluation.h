// What an evaluator sees and answers: a candidate with typed values, and a loss or a failure.
//
// Plain values, no gRPC and no protos: a simulator adapter includes only this header. Thread-safe
// as values; an Evaluator is called from as many threads at once as the worker has slots.
#ifndef POLYSTEP_CLIENT_CPP_EVALUATION_H_
#define POLYSTEP_CLIENT_CPP_EVALUATION_H_

#include <cstdint>
#include <functional>
#include <limits>
#include <stop_token>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace polystep::client {

// Real and discrete parameters are doubles, integers int64, categorical strings, booleans bool.
using Value = std::variant<double, int64_t, std::string, bool>;

struct Parameter {
  std::string name;
  Value value;
};

struct Tensor {
  std::string name;
  std::vector<int64_t> shape;
  std::vector<float> values;  // row-major
};

enum class Purpose : uint8_t {
  kSearch,  // use the training set
  kScore,   // use the validation set
};

struct Candidate {
  int64_t step = 0;
  uint32_t index = 0;
  Purpose purpose = Purpose::kSearch;
  // The same for every candidate that will be compared: seed the simulator's noise with it.
  uint64_t evaluation_seed = 0;
  std::vector<Parameter> parameters;
  std::vector<Tensor> tensors;

  // INVALID_ARGUMENT if there is no such parameter or it has another type.
  absl::StatusOr<double> Real(const std::string& name) const;  // integers convert
  absl::StatusOr<int64_t> Integer(const std::string& name) const;
  absl::StatusOr<std::string> Categorical(const std::string& name) const;
  absl::StatusOr<bool> Boolean(const std::string& name) const;
  absl::StatusOr<absl::Span<const float>> Values(const std::string& tensor) const;
};

struct EvaluationResult {
  enum class Kind : uint8_t {
    kLoss,        // `loss`, and by how much it violates constraints
    kInfeasible,  // an answer: this candidate cannot work
    kTransient,   // no answer: worth another attempt
    kAbandoned,   // stopped on request: nothing is told, the evaluation is given back
    kCannotRun,   // the evaluator itself is broken: nothing is told and the worker ends
  };
  // NOLINTNEXTLINE(google-explicit-constructor): `return loss;` is the whole of most evaluators
  EvaluationResult(double value) : loss(value) {}
  // Feasible results rank first, then small violations, then small losses. A violation that is
  // negative or not finite is an error of the evaluator: the worker ends.
  EvaluationResult(double value, double by) : loss(value), violation(by) {}
  static EvaluationResult Infeasible(std::string reason);
  static EvaluationResult Transient(std::string reason);
  static EvaluationResult Abandoned();
  static EvaluationResult CannotRun(std::string reason);

  Kind kind = Kind::kLoss;
  double loss = 0.0;
  double violation = 0.0;  // 0: feasible
  std::string message;     // of a failure
};

struct EvaluationContext {
  int slot = 0;               // 0 .. slots - 1; one evaluation at a time in each
  std::stop_token stop = {};  // requested when the answer is no longer wanted: return Abandoned()
};

using Evaluator = std::function<EvaluationResult(const Candidate&, const EvaluationContext&)>;

// As many results as candidates, in their order. All candidates share one segment of a step.
using BatchEvaluator = std::function<std::vector<EvaluationResult>(absl::Span<const Candidate>,
                                                                   const EvaluationContext&)>;

}  // namespace polystep::client

#endif  // POLYSTEP_CLIENT_CPP_EVALUATION_H_
