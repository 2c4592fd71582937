#include "core/method/accumulator.h"

#include <gtest/gtest.h>

namespace polystep {
namespace {

Schedule Constant(double value) {
  Schedule schedule;
  schedule.initial = value;
  return schedule;
}

double TakeOne(Accumulator& accumulator, int64_t t, double raw) {
  std::vector<double> displacement = {raw};
  accumulator.Take(t, 0, absl::MakeSpan(displacement));
  accumulator.EndStep();
  return displacement[0];
}

TEST(Accumulator, Nothing_TakesTheDisplacement) {
  Accumulator accumulator({}, 1);
  EXPECT_FALSE(accumulator.active());
  for (const double raw : {1.0, -0.25}) EXPECT_EQ(TakeOne(accumulator, 0, raw), raw);
}

TEST(Accumulator, Momentum_ApproachesTheGeometricSum) {
  Accumulator accumulator({Constant(0.75), 1}, 1);
  double taken = 0.0;
  for (int64_t t = 0; t < 200; ++t) taken = TakeOne(accumulator, t, 1.0);
  EXPECT_NEAR(taken, 4.0, 1e-12);
}

TEST(Accumulator, Coasting_AddsTheStepsItSaves) {
  // A displacement that never changes is its own average: k steps for one, fading out.
  for (const uint32_t k : {2u, 3u, 8u}) {
    Accumulator accumulator({{}, k}, 1);
    for (int64_t t = 0; t < 5; ++t) {
      EXPECT_NEAR(TakeOne(accumulator, t, 1.0), 1.0 + 0.5 * (k - 1), 1e-12);
    }
  }
}

// Momentum of the raw displacements, coasting on the average of the same.
TEST(Accumulator, Both_AddUp) {
  Accumulator accumulator({Constant(0.5), 3}, 1);
  TakeOne(accumulator, 0, 1.0);
  EXPECT_NEAR(TakeOne(accumulator, 1, 2.0), 0.5 * 1.0 + 2.0 + (0.7 * 1.0 + 0.3 * 2.0), 1e-12);
}

TEST(Accumulator, Clear_StartsAnew) {
  Accumulator accumulator({Constant(0.5), 3}, 1);
  const double first = TakeOne(accumulator, 0, 1.0);
  TakeOne(accumulator, 1, 5.0);
  accumulator.Clear();
  EXPECT_EQ(TakeOne(accumulator, 2, 1.0), first);
}

TEST(Accumulator, SavedBytesOfAnotherKind_AreRefused) {
  ByteWriter writer;
  Accumulator({Constant(0.5), 1}, 2).Save(writer);
  ByteReader reader(writer.bytes());
  EXPECT_FALSE(Accumulator({{}, 2}, 2).Restore(reader));
}

}  // namespace
}  // namespace polystep
