#include "core/method/quadratic_model.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "core/random/random_stream.h"

namespace polystep {
namespace {

constexpr size_t kDim = 3;
const QuadraticModel kTruth = {
    0.5, {1.0, -2.0, 0.3}, {4.0, 1.0, 0.0, 1.0, 3.0, -0.5, 0.0, -0.5, 2.0}};

struct Cloud {
  std::vector<double> points;
  std::vector<double> values;
  std::vector<double> weights;
};

Cloud SampleOf(const QuadraticModel& truth, size_t count) {
  Cloud cloud;
  RandomStream stream(1, 2, 3, Draw::kJitter);
  for (size_t m = 0; m < count; ++m) {
    for (size_t i = 0; i < kDim; ++i) cloud.points.push_back(stream.Normal());
    cloud.values.push_back(truth.At(absl::MakeConstSpan(cloud.points).subspan(m * kDim, kDim)));
    cloud.weights.push_back(1.0 + static_cast<double>(m % 4));
  }
  return cloud;
}

void ExpectNear(const QuadraticModel& model, const QuadraticModel& truth, double tolerance) {
  EXPECT_NEAR(model.constant, truth.constant, tolerance);
  for (size_t i = 0; i < kDim; ++i) EXPECT_NEAR(model.gradient[i], truth.gradient[i], tolerance);
  for (size_t i = 0; i < kDim * kDim; ++i) {
    EXPECT_NEAR(model.hessian[i], truth.hessian[i], tolerance);
  }
}

TEST(QuadraticModel, EnoughPoints_GiveTheQuadraticBack) {
  for (size_t count : {10u, 13u, 40u}) {
    const Cloud cloud = SampleOf(kTruth, count);
    QuadraticModel model;
    ASSERT_TRUE(
        FitQuadratic(QuadraticForm::kFull, kDim, cloud.points, cloud.values, cloud.weights, model));
    ExpectNear(model, kTruth, 1e-6);
  }
}

// Sums in a plain order: the moments must be put where they belong.
TEST(QuadraticModel, ManyPoints_SatisfyTheNormalEquations) {
  constexpr size_t kVariables = 11;
  constexpr size_t kPoints = 300;
  RandomStream stream(7, 0, 0, Draw::kJitter);
  Cloud cloud;
  for (size_t m = 0; m < kPoints; ++m) {
    for (size_t i = 0; i < kVariables; ++i) cloud.points.push_back(stream.Normal());
    cloud.values.push_back(stream.Normal());
    cloud.weights.push_back(1.0 + stream.Uniform());
  }
  for (QuadraticForm form : {QuadraticForm::kFull, QuadraticForm::kDiagonal}) {
    QuadraticModel model;
    ASSERT_TRUE(FitQuadratic(form, kVariables, cloud.points, cloud.values, cloud.weights, model));
    // What is left is orthogonal to every function of the form.
    std::vector<double> slopes(1 + kVariables + kVariables * kVariables, 0.0);
    for (size_t m = 0; m < kPoints; ++m) {
      const auto z = absl::MakeConstSpan(cloud.points).subspan(m * kVariables, kVariables);
      const double left = cloud.weights[m] * (model.At(z) - cloud.values[m]);
      slopes[0] += left;
      for (size_t i = 0; i < kVariables; ++i) {
        slopes[1 + i] += left * z[i];
        for (size_t j = 0; j < kVariables; ++j) {
          if (form == QuadraticForm::kDiagonal && i != j) continue;
          slopes[1 + kVariables + i * kVariables + j] += left * z[i] * z[j];
        }
      }
    }
    for (double slope : slopes) EXPECT_NEAR(slope, 0.0, 1e-8);
  }
}

TEST(QuadraticModel, DiagonalForm_NeedsFewerPoints) {
  QuadraticModel truth = kTruth;
  truth.hessian = {4.0, 0.0, 0.0, 0.0, 3.0, 0.0, 0.0, 0.0, 2.0};
  const Cloud cloud = SampleOf(truth, Coefficients(QuadraticForm::kDiagonal, kDim));
  QuadraticModel model;
  ASSERT_TRUE(FitQuadratic(QuadraticForm::kDiagonal, kDim, cloud.points, cloud.values,
                           cloud.weights, model));
  ExpectNear(model, truth, 1e-6);
}

TEST(QuadraticModel, RoundForm_IsASumOfTwoShapes) {
  const std::vector<double> shape = {2.0, 1.0, 0.0, 1.0, 3.0, -0.5, 0.0, -0.5, 1.0};
  QuadraticModel truth = kTruth;
  for (size_t i = 0; i < kDim * kDim; ++i) {
    truth.hessian[i] = 3.0 * shape[i] + (i % (kDim + 1) == 0 ? 0.7 : 0.0);
  }
  const Cloud cloud = SampleOf(truth, Coefficients(QuadraticForm::kRound, kDim));
  QuadraticModel model;
  ASSERT_TRUE(FitQuadratic(QuadraticForm::kRound, kDim, cloud.points, cloud.values, cloud.weights,
                           model, shape));
  ExpectNear(model, truth, 1e-6);
}

TEST(QuadraticModel, Minimiser_InsideTheBall_IsTheStationaryPoint) {
  std::vector<double> z;
  ASSERT_TRUE(MinimizeInBall(kTruth, 10.0, z));
  for (size_t i = 0; i < kDim; ++i) {
    double slope = kTruth.gradient[i];
    for (size_t j = 0; j < kDim; ++j) slope += kTruth.hessian[i * kDim + j] * z[j];
    EXPECT_NEAR(slope, 0.0, 1e-9);
  }
}

TEST(QuadraticModel, Minimiser_AtTheBoundary_IsBetterThanOthersThere) {
  QuadraticModel saddle = kTruth;
  saddle.hessian[0] = -4.0;
  for (const QuadraticModel& model : {kTruth, saddle}) {
    std::vector<double> z;
    ASSERT_TRUE(MinimizeInBall(model, 0.1, z));
    EXPECT_NEAR(std::sqrt(z[0] * z[0] + z[1] * z[1] + z[2] * z[2]), 0.1, 1e-9);
    RandomStream stream(4, 5, 6, Draw::kJitter);
    for (int n = 0; n < 100; ++n) {
      std::vector<double> other = {stream.Normal(), stream.Normal(), stream.Normal()};
      const double length =
          std::sqrt(other[0] * other[0] + other[1] * other[1] + other[2] * other[2]);
      for (double& value : other) value *= 0.1 / length;
      EXPECT_GE(model.At(other), model.At(z) - 1e-12);
    }
  }
}

}  // namespace
}  // namespace polystep
