// The enums of the API beside ours, one table each, used in both directions.
//
// The first row of a table is the proto's UNSPECIFIED and says what it means. Constants;
// thread-safe.
#ifndef POLYSTEP_SERVER_RPC_ENUM_TABLES_H_
#define POLYSTEP_SERVER_RPC_ENUM_TABLES_H_

#include <array>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "core/base/field_error.h"
#include "core/search/optimizer_spec.h"
#include "core/search/search.h"
#include "polystep/v1/evaluation_service.pb.h"
#include "polystep/v1/study.pb.h"
#include "polystep/v1/study_service.pb.h"
#include "server/engine/engine.h"
#include "server/engine/study_spec.h"

namespace polystep {

template <class Proto, class Ours, size_t N>
using EnumTable = std::array<std::pair<Proto, Ours>, N>;

inline constexpr EnumTable<v1::ParameterSpec::Scale, Scale, 5> kScales = {{
    {v1::ParameterSpec::SCALE_UNSPECIFIED, Scale::kLinear},
    {v1::ParameterSpec::LINEAR, Scale::kLinear},
    {v1::ParameterSpec::LOG, Scale::kLog},
    {v1::ParameterSpec::REVERSE_LOG, Scale::kReverseLog},
    {v1::ParameterSpec::LOGIT, Scale::kLogit},
}};

inline constexpr EnumTable<v1::TensorSpec::Kind, TensorKind, 4> kTensorKinds = {{
    {v1::TensorSpec::KIND_UNSPECIFIED, TensorKind::kReal},
    {v1::TensorSpec::REAL, TensorKind::kReal},
    {v1::TensorSpec::INTEGER, TensorKind::kInteger},
    {v1::TensorSpec::BINARY, TensorKind::kBinary},
}};

inline constexpr EnumTable<v1::Initializer::Kind, Initializer::Kind, 6> kInitializerKinds = {{
    {v1::Initializer::KIND_UNSPECIFIED, Initializer::Kind::kZero},
    {v1::Initializer::ZERO, Initializer::Kind::kZero},
    {v1::Initializer::CONSTANT, Initializer::Kind::kConstant},
    {v1::Initializer::UNIFORM, Initializer::Kind::kUniform},
    {v1::Initializer::NORMAL, Initializer::Kind::kNormal},
    {v1::Initializer::UPLOADED, Initializer::Kind::kUploaded},
}};

inline constexpr EnumTable<v1::OptimizerSpec::Method, Method, 6> kMethods = {{
    {v1::OptimizerSpec::METHOD_UNSPECIFIED, Method::kAutomatic},
    {v1::OptimizerSpec::POLYSTEP_BLOCK, Method::kBlock},
    {v1::OptimizerSpec::POLYSTEP_POPULATION, Method::kPopulation},
    {v1::OptimizerSpec::POLYSTEP_METRIC, Method::kMetric},
    {v1::OptimizerSpec::POLYSTEP_FLIP, Method::kFlip},
    {v1::OptimizerSpec::POLYSTEP_ROWS, Method::kRows},
}};

inline constexpr EnumTable<v1::OptimizerSpec::Polytope, Polytope, 3> kPolytopes = {{
    {v1::OptimizerSpec::ORTHOPLEX, Polytope::kOrthoplex},
    {v1::OptimizerSpec::SIMPLEX, Polytope::kSimplex},
    {v1::OptimizerSpec::CUBE, Polytope::kCube},
}};

inline constexpr EnumTable<v1::OptimizerSpec::LossScale, LossScale, 6> kLossScales = {{
    {v1::OptimizerSpec::NONE, LossScale::kNone},
    {v1::OptimizerSpec::MEAN, LossScale::kMean},
    {v1::OptimizerSpec::MAX, LossScale::kMax},
    {v1::OptimizerSpec::CONSTANT, LossScale::kConstant},
    {v1::OptimizerSpec::ROW_DEVIATION, LossScale::kRowDeviation},
    {v1::OptimizerSpec::ROW_RANK, LossScale::kRowRank},
}};

inline constexpr EnumTable<v1::OptimizerSpec::Solver, Solver, 4> kSolvers = {{
    {v1::OptimizerSpec::SOFTMAX, Solver::kSoftmax},
    {v1::OptimizerSpec::TOP_K, Solver::kTopK},
    {v1::OptimizerSpec::SINKHORN, Solver::kSinkhorn},
    {v1::OptimizerSpec::KL_SOFTMAX, Solver::kKlSoftmax},
}};

inline constexpr EnumTable<v1::OptimizerSpec::RadiusControl, RadiusControl, 3> kRadiusControls = {{
    {v1::OptimizerSpec::SCHEDULE, RadiusControl::kSchedule},
    {v1::OptimizerSpec::ADAPTIVE, RadiusControl::kAdaptive},
    {v1::OptimizerSpec::TRUST_REGION, RadiusControl::kTrustRegion},
}};

inline constexpr EnumTable<v1::Schedule::Kind, Schedule::Kind, 5> kScheduleKinds = {{
    {v1::Schedule::KIND_UNSPECIFIED, Schedule::Kind::kConstant},
    {v1::Schedule::CONSTANT, Schedule::Kind::kConstant},
    {v1::Schedule::LINEAR, Schedule::Kind::kLinear},
    {v1::Schedule::COSINE, Schedule::Kind::kCosine},
    {v1::Schedule::RAMP, Schedule::Kind::kRamp},
}};

inline constexpr EnumTable<v1::StudySpec::Goal, Goal, 3> kGoals = {{
    {v1::StudySpec::GOAL_UNSPECIFIED, Goal::kMinimize},
    {v1::StudySpec::MINIMIZE, Goal::kMinimize},
    {v1::StudySpec::MAXIMIZE, Goal::kMaximize},
}};

inline constexpr EnumTable<v1::EvaluationPolicy::Noise, Noise, 4> kNoises = {{
    {v1::EvaluationPolicy::NOISE_UNSPECIFIED, Noise::kNone},
    {v1::EvaluationPolicy::NONE, Noise::kNone},
    {v1::EvaluationPolicy::SEEDED, Noise::kSeeded},
    {v1::EvaluationPolicy::NOISY, Noise::kNoisy},
}};

inline constexpr EnumTable<v1::EvaluationPolicy::NonFinite, NonFinite, 4> kNonFinites = {{
    {v1::EvaluationPolicy::NON_FINITE_UNSPECIFIED, NonFinite::kInfeasible},
    {v1::EvaluationPolicy::INFEASIBLE, NonFinite::kInfeasible},
    {v1::EvaluationPolicy::MASK, NonFinite::kMask},
    {v1::EvaluationPolicy::REJECT, NonFinite::kReject},
}};

inline constexpr EnumTable<v1::Study::State, StudyState, 5> kStudyStates = {{
    {v1::Study::ACTIVE, StudyState::kActive},
    {v1::Study::PAUSED, StudyState::kPaused},
    {v1::Study::SUCCEEDED, StudyState::kSucceeded},
    {v1::Study::STOPPED, StudyState::kStopped},
    {v1::Study::FAILED, StudyState::kFailed},
}};

inline constexpr EnumTable<v1::Lease::Purpose, Purpose, 2> kPurposes = {{
    {v1::Lease::SEARCH, Purpose::kSearch},
    {v1::Lease::SCORE, Purpose::kScore},
}};

inline constexpr EnumTable<v1::AskRequest::Encoding, Encoding, 4> kEncodings = {{
    {v1::AskRequest::NAMED, Encoding::kNamed},
    {v1::AskRequest::DENSE, Encoding::kDense},
    {v1::AskRequest::BLOCK, Encoding::kBlock},
    {v1::AskRequest::SUBSPACE, Encoding::kSubspace},
}};

inline constexpr EnumTable<v1::Failure::Kind, Failure::Kind, 2> kFailureKinds = {{
    {v1::Failure::INFEASIBLE, Failure::Kind::kInfeasible},
    {v1::Failure::TRANSIENT, Failure::Kind::kTransient},
}};

inline constexpr EnumTable<v1::GetSolutionRequest::Kind, Engine::SolutionKind, 3> kSolutionKinds = {
    {
        {v1::GetSolutionRequest::KIND_UNSPECIFIED, Engine::SolutionKind::kBest},
        {v1::GetSolutionRequest::BEST, Engine::SolutionKind::kBest},
        {v1::GetSolutionRequest::CENTER, Engine::SolutionKind::kCenter},
    }};

// INVALID_ARGUMENT naming `field` for a number that is not in the table.
template <class Proto, class Ours, size_t N>
absl::StatusOr<Ours> EnumFromProto(std::string_view field, const EnumTable<Proto, Ours, N>& table,
                                   Proto value) {
  for (const auto& [proto, ours] : table) {
    if (proto == value) return ours;
  }
  return FieldError(field, absl::StrCat("value ", static_cast<int>(value), " is not known here"));
}

template <class Proto, class Ours, size_t N>
Proto EnumToProto(const EnumTable<Proto, Ours, N>& table, Ours value) {
  for (const auto& [proto, ours] : table) {
    if (ours == value && static_cast<int>(proto) != 0) return proto;
  }
  return Proto{};
}

}  // namespace polystep

#endif  // POLYSTEP_SERVER_RPC_ENUM_TABLES_H_
