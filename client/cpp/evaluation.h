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
#include "client/cpp/tensor_list.h"

namespace polystep::client {

// Real and discrete parameters are doubles, integers int64, categorical strings, booleans bool.
using Value = std::variant<double, int64_t, std::string, bool>;

struct Parameter {
  std::string name;
  Value value;
};

enum class Purpose : uint8_t {
  kSearch,  // use the training set
  kScore,   // use the validation set
};

// Large candidates come as what sets them apart from the center of their step, where the study's
// method changes few coordinates at a time: has_center(). A simulator that can re-evaluate
// incrementally then looks at center() and changes() only; nothing dense is ever made. For all
// others `tensors`, Values() and values() are there as always, made when first looked at.
// May be copied and kept: it holds on to the memory it needs.
struct Candidate {
  int64_t step = 0;
  uint32_t index = 0;
  Purpose purpose = Purpose::kSearch;
  // The same for every candidate that will be compared: seed the simulator's noise with it.
  uint64_t evaluation_seed = 0;
  std::vector<Parameter> parameters;
  TensorList tensors;  // like a const std::vector<Tensor>

  // All tensors one after the other, each row-major: what coordinates count through.
  absl::Span<const float> values() const { return tensors.values(); }
  // True: the candidate is center() but for changes(). False: both are empty.
  bool has_center() const { return tensors.has_center(); }
  // The coordinates that differ from the center, ascending, and their new values. May be empty: the
  // center itself is a candidate, too.
  absl::Span<const Change> changes() const { return tensors.changes(); }
  absl::Span<const float> center() const { return tensors.center().values; }
  // Names the content of center(): equal ids, equal values. One center serves a whole step.
  const std::string& center_id() const { return tensors.center().id; }
  // Where the SDK knows it, else empty: center() is that of this id but for center_changed(),
  // ascending. Mostly that of the step before, so that a simulator can follow from one to the next.
  const std::string& center_base_id() const { return tensors.center().base_id; }
  absl::Span<const CoordinateRun> center_changed() const { return tensors.center().changed; }

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

// One candidate a call.
BatchEvaluator OneByOne(Evaluator evaluator);

}  // namespace polystep::client

#endif  // POLYSTEP_CLIENT_CPP_EVALUATION_H_
