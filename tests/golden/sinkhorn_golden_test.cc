// Groups sinkhorn and kl_softmax.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "core/transport/sinkhorn.h"
#include "core/transport/transport_weights.h"
#include "tests/golden/reference.h"

namespace polystep {
namespace {

constexpr double kSolverTolerance = 1e-9;

struct Problem {
  std::vector<double> costs;
  std::vector<double> rows;
  std::vector<double> columns;
  double least = 0.0;

  explicit Problem(const nlohmann::json& golden) : costs(GoldenNumbers(golden.at("C"))) {
    const size_t count = golden.at("C").size();
    const size_t width = costs.size() / count;
    const auto marginal = [&](const char* key, size_t size) {
      if (golden.contains(key) && !golden.at(key).is_null()) return GoldenNumbers(golden.at(key));
      return std::vector<double>(size, 1.0 / static_cast<double>(size));
    };
    rows = marginal("a", count);
    columns = marginal("b", width);
    if (golden.value("scale_cost", nlohmann::json()) == "mean") {
      const double divisor = MatrixDivisor(LossScale::kMean, 1.0, costs);
      for (double& cost : costs) cost /= divisor;
    }
    least = *std::min_element(costs.begin(), costs.end());
  }

  std::vector<double> Solve(const SinkhornOptions& options, Duals& duals) const {
    std::vector<double> plan(costs.size());
    Sinkhorn({costs, rows, columns}, options, duals, absl::MakeSpan(plan));
    return plan;
  }
};

double Dot(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0.0;
  for (size_t n = 0; n < a.size(); ++n) sum += a[n] * b[n];
  return sum;
}

TEST(GoldenSinkhorn, TwoIterationsFromZero_SamePlanAndDuals) {
  ASSERT_EQ(GoldenGroup("sinkhorn").size(), 5u);
  for (const auto& golden : GoldenGroup("sinkhorn")) {
    SCOPED_TRACE(golden.at("name").get<std::string>());
    Duals duals;
    const std::vector<double> plan =
        Problem(golden).Solve({golden.at("eps").get<double>(), 1.0, 2, 0.0}, duals);
    ExpectClose(plan, GoldenNumbers(golden.at("plan_after_2_iterations_from_zero_duals")),
                kSolverTolerance);
    ExpectClose(duals.rows, GoldenNumbers(golden.at("f2")), kSolverTolerance);
    ExpectClose(duals.columns, GoldenNumbers(golden.at("g2")), kSolverTolerance);
  }
}

TEST(GoldenSinkhorn, Converged_SamePlanAndCost) {
  for (const auto& golden : GoldenGroup("sinkhorn")) {
    SCOPED_TRACE(golden.at("name").get<std::string>());
    const Problem problem(golden);
    const double epsilon = golden.at("eps").get<double>();
    Duals duals;
    const std::vector<double> plan = problem.Solve({epsilon, 1.0, 2'000, 1e-14}, duals);
    ExpectClose(plan, GoldenNumbers(golden.at("plan_converged")), kSolverTolerance);
    double mass = 0.0;
    for (const double entry : plan) mass += entry;
    const double cost = Dot(duals.rows, problem.rows) + Dot(duals.columns, problem.columns) -
                        epsilon * mass + problem.least;
    EXPECT_NEAR(cost, golden.at("ent_reg_cost").get<double>(), kSolverTolerance);
  }
}

// From the duals of a nearby temperature the same plan, sooner than from zero.
TEST(GoldenSinkhorn, WarmStart_SamePlanSooner) {
  int cold_sum = 0;
  int warm_sum = 0;
  for (const auto& golden : GoldenGroup("sinkhorn")) {
    SCOPED_TRACE(golden.at("name").get<std::string>());
    const Problem problem(golden);
    const double epsilon = golden.at("eps").get<double>();
    const TransportProblem transport = {problem.costs, problem.rows, problem.columns};
    const SinkhornOptions options = {epsilon, 1.0, 2'000, 1e-12};
    std::vector<double> plan(problem.costs.size());
    Duals zero;
    cold_sum += Sinkhorn(transport, options, zero, absl::MakeSpan(plan));
    Duals duals;
    problem.Solve({epsilon * (1.0 + 1e-9), 1.0, 2'000, 1e-14}, duals);
    warm_sum += Sinkhorn(transport, options, duals, absl::MakeSpan(plan));
    ExpectClose(plan, GoldenNumbers(golden.at("plan_converged")), kSolverTolerance);
  }
  EXPECT_LT(warm_sum, cold_sum);
}

TEST(GoldenKlSoftmax, EveryPenalty_SamePlanAndMarginals) {
  ASSERT_EQ(GoldenGroup("kl_softmax").size(), 4u);
  for (const auto& golden : GoldenGroup("kl_softmax")) {
    const double lambda = GoldenNumber(golden.at("lam"));
    SCOPED_TRACE(lambda);
    const double epsilon = golden.at("eps").get<double>();
    const double alpha = KlAlpha(lambda, epsilon);
    EXPECT_NEAR(alpha, golden.at("alpha").get<double>(), kGoldenTolerance);
    Duals duals;
    const Problem problem(golden);
    const std::vector<double> plan = problem.Solve({epsilon, alpha, 2'000, 1e-14}, duals);
    ExpectClose(plan, GoldenNumbers(golden.at("plan")), kSolverTolerance);
    std::vector<double> rows(2, 0.0);
    std::vector<double> columns(4, 0.0);
    for (size_t n = 0; n < plan.size(); ++n) {
      rows[n / 4] += plan[n];
      columns[n % 4] += plan[n];
    }
    ExpectClose(rows, GoldenNumbers(golden.at("row_sums")), kSolverTolerance);
    ExpectClose(columns, GoldenNumbers(golden.at("col_sums")), kSolverTolerance);
    double divergence = 0.0;
    for (const double mass : columns) divergence += mass * std::log(4.0 * mass);
    EXPECT_NEAR(divergence, golden.at("kl_col").get<double>(), kSolverTolerance);
  }
}

// What a method gets: the reference's plan with every row scaled to 1.
TEST(GoldenKlSoftmax, TransportWeights_AreTheRowsOfThePlan) {
  for (const auto& golden : GoldenGroup("kl_softmax")) {
    const double lambda = GoldenNumber(golden.at("lam"));
    WeightOptions options;
    options.scale = LossScale::kNone;
    options.epsilon = golden.at("eps").get<double>();
    options.solver = std::isinf(lambda) ? Solver::kSinkhorn : Solver::kKlSoftmax;
    options.kl_penalty = lambda;
    const std::vector<double> losses = GoldenNumbers(golden.at("C"));
    const std::vector<Outcome> outcomes(8, Outcome::kLoss);
    std::vector<double> weights(8);
    Duals duals;
    TransportWeights(options, {2, 4, losses, outcomes}, &duals, absl::MakeSpan(weights));
    for (double& weight : weights) weight *= 0.5;
    ExpectClose(weights, GoldenNumbers(golden.at("plan")), 2e-6);  // it stops at 1e-6
  }
}

}  // namespace
}  // namespace polystep
