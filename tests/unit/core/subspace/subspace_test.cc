#include "core/subspace/subspace.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace polystep {
namespace {

TensorSpec Tensor(const char* name, std::vector<int64_t> shape) {
  return {name, std::move(shape), TensorKind::kReal, {}, {}, {}};
}

SearchSpace Tensors(std::vector<TensorSpec> tensors) {
  return *SearchSpace::Create({}, std::move(tensors));
}

// Column `coordinate` of the basis.
std::vector<double> Column(const Subspace& subspace, const SearchSpace& space, size_t coordinate) {
  std::vector<double> point(static_cast<size_t>(space.dimension()), 0.0);
  subspace.Add(coordinate, {1.0}, absl::MakeSpan(point));
  return point;
}

double Dot(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0.0;
  for (size_t n = 0; n < a.size(); ++n) sum += a[n] * b[n];
  return sum;
}

TEST(Subspace, WholeSpace_IsTheCoordinatesAndDropsPadding) {
  const SearchSpace space = Tensors({Tensor("w", {2, 2})});
  const Subspace subspace(space, std::nullopt);
  EXPECT_TRUE(subspace.is_whole());
  EXPECT_EQ(subspace.size(), 4u);
  std::vector<double> point = {1.0, 2.0, 3.0, 4.0};
  subspace.Add(2, {10.0, 20.0, 30.0}, absl::MakeSpan(point));
  EXPECT_EQ(point, (std::vector<double>{1.0, 2.0, 13.0, 24.0}));
}

// 12 x 10 at rank 2: 44 coordinates of 120 numbers.
TEST(Subspace, SmallTensor_OrthonormalDirectionsOfItsOwnNumbers) {
  const SearchSpace space = Tensors({Tensor("b", {3}), Tensor("w", {12, 10}), Tensor("c", {2})});
  Subspace subspace(space, HybridOptions{2, {}});
  subspace.Draw(7, 0);
  ASSERT_EQ(subspace.size(), 3u + 44u + 2u);
  for (size_t a = 0; a < subspace.size(); ++a) {
    const std::vector<double> column = Column(subspace, space, a);
    for (size_t b = a; b < subspace.size(); ++b) {
      EXPECT_NEAR(Dot(column, Column(subspace, space, b)), a == b ? 1.0 : 0.0, 1e-12);
    }
  }
  EXPECT_EQ(Column(subspace, space, 1)[1], 1.0);
  EXPECT_EQ(Column(subspace, space, 47)[123], 1.0);
}

TEST(Subspace, LargeTensor_SparseColumnsOfUnitExpectation) {
  const SearchSpace space = Tensors({Tensor("w", {400, 300})});
  Subspace subspace(space, HybridOptions{4, {}});
  subspace.Draw(7, 0);
  double squares = 0.0;
  const std::vector<double> first = Column(subspace, space, 0);
  for (size_t c = 0; c < 200; ++c) {
    const std::vector<double> column = Column(subspace, space, c);
    squares += Dot(column, column) / 200.0;
    int filled = 0;
    for (const double value : column) filled += value != 0.0 ? 1 : 0;
    EXPECT_LE(filled, 346);
    EXPECT_GT(filled, 330);
    if (c > 0) {
      EXPECT_LT(std::fabs(Dot(first, column)), 0.1);
    }
  }
  EXPECT_NEAR(squares, 1.0, 0.01);
}

TEST(Subspace, MoreCoordinatesThanNumbers_NormalEntries) {
  const SearchSpace space = Tensors({Tensor("w", {8, 8})});
  Subspace subspace(space, HybridOptions{8, {}});
  ASSERT_EQ(subspace.size(), 128u);
  subspace.Draw(7, 0);
  double squares = 0.0;
  for (size_t c = 0; c < 128; ++c) {
    squares += Dot(Column(subspace, space, c), Column(subspace, space, c));
  }
  EXPECT_NEAR(squares, 64.0, 5.0);
}

TEST(Subspace, Draw_IsAFunctionOfSeedAndEpoch) {
  for (const int64_t side : {12, 400}) {
    const SearchSpace space = Tensors({Tensor("w", {side, side})});
    std::set<std::vector<double>> columns;
    for (const auto& [seed, epoch] : {std::pair{1u, 0u}, {1u, 1u}, {2u, 0u}}) {
      Subspace subspace(space, HybridOptions{2, {}});
      subspace.Draw(seed, epoch);
      const std::vector<double> column = Column(subspace, space, 5);
      EXPECT_TRUE(columns.insert(column).second);
      subspace.Draw(9, 9);
      subspace.Draw(seed, epoch);
      EXPECT_EQ(Column(subspace, space, 5), column);
    }
  }
}

TEST(Subspace, BlockOverTwoTensors_MovesBoth) {
  const SearchSpace space = Tensors({Tensor("a", {3}), Tensor("b", {3})});
  Subspace subspace(space, HybridOptions{2, {}});
  std::vector<double> point(6, 0.0);
  subspace.Add(2, {1.0, 2.0}, absl::MakeSpan(point));
  EXPECT_EQ(point, (std::vector<double>{0.0, 0.0, 1.0, 2.0, 0.0, 0.0}));
}

TEST(HybridLayout, NumbersOfOneAxis_NeverShrink) {
  const std::vector<LayoutEntry> layout = HybridLayout({{5}, {10, 10}}, HybridOptions{4, 2});
  EXPECT_EQ(layout[0].coordinates, 5);
  EXPECT_EQ(layout[1].coordinates, 1);
}

}  // namespace
}  // namespace polystep
