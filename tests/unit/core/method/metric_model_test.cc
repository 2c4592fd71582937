#include "core/method/metric_model.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "core/random/random_stream.h"

namespace polystep {
namespace {

// A few generations of unselected displacements along a slanted line.
void Stretch(MetricModel& model, int generations) {
  const size_t n = model.dimension();
  RandomStream stream(3, 0, 0, Draw::kJitter);
  const MetricRates rates = RatesOf(n, 3.0, model.full());
  std::vector<double> y(n);
  for (int g = 0; g < generations; ++g) {
    model.BeginUpdate(rates);
    for (int v = 0; v < 4; ++v) {
      const double along = 2.0 * stream.Normal();
      for (double& value : y) value = along + 0.1 * stream.Normal();
      model.AddWeighted(rates.weighted / 4.0, y);
    }
    for (double& value : y) value *= 0.1;
    model.FinishUpdate(rates, y, 1.0);
  }
}

TEST(MetricRates, DiagonalMetric_LearnsFasterAndStaysBelowOne) {
  for (size_t n : {1u, 2u, 10u, 300u, 1'000'000u}) {
    for (double mass : {1.0, 4.0, 1000.0}) {
      const MetricRates full = RatesOf(n, mass, true);
      const MetricRates diagonal = RatesOf(n, mass, false);
      EXPECT_GE(diagonal.rank_one, full.rank_one);
      for (const MetricRates& r : {full, diagonal}) {
        EXPECT_GE(r.rank_one, 0.0);
        EXPECT_GE(r.weighted, 0.0);
        EXPECT_LE(r.rank_one + r.weighted, 1.0 + 1e-12);
        EXPECT_GT(r.path_radius, 0.0);
        EXPECT_LT(r.path_radius, 1.0);
      }
    }
  }
}

TEST(MetricModel, Whiten_UndoesShapeUpToARotation) {
  for (bool full : {true, false}) {
    MetricModel model(full, 0.3, {1.0, 2.0, 0.5, 1.0});
    Stretch(model, 30);
    std::vector<double> z = {0.3, -1.0, 0.7, 2.0};
    std::vector<double> y(4);
    std::vector<double> white(4);
    model.Shape(z, absl::MakeSpan(y));
    model.Whiten(y, absl::MakeSpan(white));
    double length = 0.0;
    double expected = 0.0;
    for (size_t i = 0; i < 4; ++i) {
      length += white[i] * white[i];
      expected += z[i] * z[i];
    }
    EXPECT_NEAR(length, expected, 1e-10);
  }
}

TEST(MetricModel, SelectedDirection_IsLearnedByTheFullMetric) {
  MetricModel model(true, 0.3, std::vector<double>(5, 1.0));
  Stretch(model, 200);
  std::vector<double> along(5, 1.0);
  std::vector<double> across = {1.0, -1.0, 1.0, -1.0, 0.0};
  std::vector<double> a(5);
  std::vector<double> b(5);
  model.Whiten(along, absl::MakeSpan(a));
  model.Whiten(across, absl::MakeSpan(b));
  double short_length = 0.0;
  double long_length = 0.0;
  for (size_t i = 0; i < 5; ++i) {
    short_length += a[i] * a[i];
    long_length += b[i] * b[i];
  }
  EXPECT_LT(short_length * 30.0, long_length);
}

TEST(MetricModel, Bend_MakesTheMetricTheInverseHessian) {
  MetricModel model(true, 0.3, {1.0, 2.0, 0.5});
  Stretch(model, 5);
  const std::vector<double> hessian = {5.0, 2.0, 0.0, 2.0, 4.0, -1.0, 0.0, -1.0, 3.0};
  const double volume = model.Deviation(0);
  model.Bend(hessian, 1e6);
  EXPECT_NE(model.Deviation(0), volume);
  // y = C^(1/2) z has y.Hy = c |z|^2 for every z.
  std::vector<double> ratios;
  for (const std::vector<double>& z :
       {std::vector<double>{1.0, 0.0, 0.0}, {0.3, -1.0, 0.7}, {0.0, 0.2, 2.0}}) {
    std::vector<double> y(3);
    model.Shape(z, absl::MakeSpan(y));
    double energy = 0.0;
    double square = 0.0;
    for (size_t i = 0; i < 3; ++i) {
      for (size_t j = 0; j < 3; ++j) energy += y[i] * hessian[i * 3 + j] * y[j];
      square += z[i] * z[i];
    }
    ratios.push_back(energy / square);
  }
  EXPECT_NEAR(ratios[1] / ratios[0], 1.0, 1e-10);
  EXPECT_NEAR(ratios[2] / ratios[0], 1.0, 1e-10);
}

TEST(MetricModel, StartInAxes_MeasuresExtents) {
  const std::vector<double> extents = {1.0, 2.0, 0.5};
  MetricModel model(true, 0.3, extents);
  Stretch(model, 20);
  const std::vector<double> shape = model.StartInAxes();
  EXPECT_NEAR(shape[0] + shape[4] + shape[8], 3.0, 1e-12);
  std::vector<double> ratios;
  for (const std::vector<double>& z : {std::vector<double>{0.3, -1.0, 0.7}, {0.0, 0.2, 2.0}}) {
    std::vector<double> x(3);
    model.FromAxes(z, absl::MakeSpan(x));
    double length = 0.0;
    double seen = 0.0;
    for (size_t i = 0; i < 3; ++i) {
      length += x[i] * x[i] / (extents[i] * extents[i]);
      for (size_t j = 0; j < 3; ++j) seen += z[i] * shape[i * 3 + j] * z[j];
    }
    ratios.push_back(seen / length);
  }
  EXPECT_NEAR(ratios[0] / ratios[1], 1.0, 1e-10);
}

TEST(MetricModel, CurvatureAlongTheAxes_IsTheOneInCoordinates) {
  MetricModel model(true, 0.3, {1.0, 2.0, 0.5});
  Stretch(model, 20);
  const std::vector<double> along = {5.0, 2.0, 0.0, 2.0, 4.0, -1.0, 0.0, -1.0, 3.0};
  const std::vector<double> hessian = model.FromAxesCurvature(along);
  const std::vector<double> z = {0.3, -1.0, 0.7};
  std::vector<double> x(3);
  std::vector<double> back(3);
  model.FromAxes(z, absl::MakeSpan(x));
  model.ToAxes(x, absl::MakeSpan(back));
  double expected = 0.0;
  double actual = 0.0;
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(back[i], z[i], 1e-12);
    for (size_t j = 0; j < 3; ++j) {
      expected += z[i] * along[i * 3 + j] * z[j];
      actual += x[i] * hessian[i * 3 + j] * x[j];
    }
  }
  EXPECT_NEAR(actual / (model.radius() * model.radius()), expected, 1e-10);
}

TEST(MetricModel, Restored_IsTheSameAndRefusesOtherSizes) {
  MetricModel model(true, 0.3, {1.0, 2.0, 3.0});
  Stretch(model, 10);
  ByteWriter writer;
  model.Save(writer);
  MetricModel same(true, 0.7, {1.0, 2.0, 3.0});
  ByteReader reader(writer.bytes());
  ASSERT_TRUE(same.Restore(reader));
  Stretch(model, 5);
  Stretch(same, 5);
  ByteWriter first;
  ByteWriter second;
  model.Save(first);
  same.Save(second);
  EXPECT_EQ(first.bytes(), second.bytes());
  MetricModel other(true, 0.3, {1.0, 2.0});
  ByteReader again(writer.bytes());
  EXPECT_FALSE(other.Restore(again));
}

// Hundreds of candidates in few dimensions replace the whole metric in one step.
TEST(MetricModel, NothingKeptOfTheOldMetric_StaysFinite) {
  const MetricRates rates = RatesOf(3, 200.0, true);
  MetricModel model(true, 1.0, {1.0, 1.0, 1.0});
  for (int step = 0; step < 50; ++step) {
    model.BeginUpdate(rates);
    for (size_t i = 0; i < 3; ++i) {
      std::vector<double> y(3, 0.0);
      y[i] = 1.0;
      model.AddWeighted(rates.weighted / 3.0, y);
    }
    // A long path is cut short.
    model.FinishUpdate(rates, std::vector<double>{9.0, 0.0, 0.0}, 1.0);
  }
  for (size_t i = 0; i < 3; ++i) EXPECT_LT(model.Deviation(i) / model.radius(), 20.0);
}

}  // namespace
}  // namespace polystep
