#include "core/space/search_space.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/space/domain_map.h"
#include "tests/unit/core/space/random_space.h"

namespace polystep {
namespace {

TEST(SearchSpace, AnyCoordinates_DecodeIntoTheDomainAndBack) {
  for (uint64_t seed = 1; seed <= 400; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const SearchSpace space = RandomSpace(seed);
    RandomStream stream(seed, 1, 0, Draw::kInitial);
    for (int n = 0; n < 20; ++n) {
      const std::vector<double> wild = WildCoordinates(space, stream);
      const Point point = space.Decode(wild);
      ASSERT_TRUE(InDomain(space, point));
      const auto encoded = space.Encode(point);
      ASSERT_TRUE(encoded.ok()) << encoded.status();
      EXPECT_EQ(space.Decode(*encoded), point);
      EXPECT_EQ(space.DecodedKey(*encoded), space.DecodedKey(wild));
      std::vector<double> clamped = *encoded;
      space.Clamp(absl::MakeSpan(clamped));
      EXPECT_EQ(clamped, *encoded);
    }
  }
}

TEST(SearchSpace, DecodeElements_AnyPart_IsThatPartOfDecode) {
  const auto space = SearchSpace::Create({}, {{"a", {5}, TensorKind::kReal, -1.0, 1.0, {}},
                                              {"b", {3}, TensorKind::kBinary, {}, {}, {}},
                                              {"c", {2, 2}, TensorKind::kInteger, 0.0, 9.0, {}}});
  ASSERT_TRUE(space.ok()) << space.status();
  RandomStream stream(3, 0, 0, Draw::kInitial);
  std::vector<double> coordinates(12);
  for (double& coordinate : coordinates) coordinate = 4.0 * stream.Uniform() - 2.0;
  std::vector<float> all;
  for (const std::vector<float>& tensor : space->Decode(coordinates).tensors) {
    all.insert(all.end(), tensor.begin(), tensor.end());
  }
  for (size_t first = 0; first < 12; ++first) {
    for (size_t size = 0; first + size <= 12; ++size) {
      std::vector<float> part(size);
      space->DecodeElements(static_cast<int64_t>(first),
                            absl::MakeConstSpan(coordinates).subspan(first, size),
                            absl::MakeSpan(part));
      EXPECT_TRUE(std::equal(part.begin(), part.end(), all.begin() + static_cast<long>(first)));
    }
  }
}

TEST(SearchSpace, ChangesOfManyCandidates_AreThoseOfEach) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  constexpr size_t kWidth = 2;
  const auto space = SearchSpace::Create({}, {{"a", {5}, TensorKind::kReal, -1.0, 1.0, {}},
                                              {"b", {4}, TensorKind::kReal, {}, {}, {}},
                                              {"c", {3}, TensorKind::kInteger, 0.0, 9.0, {}},
                                              {"d", {3}, TensorKind::kBinary, {}, {}, {}}});
  ASSERT_TRUE(space.ok()) << space.status();
  // Whole ranges, some over the end of a tensor; short ones; one that changes nothing.
  std::vector<SearchSpace::Range> ranges = {{0, 0}};
  for (int64_t first = 0; first < 15; ++first) {
    for (int64_t times = 0; times < 2; ++times) ranges.push_back({first, first < 14 ? 2 : 1});
  }
  ranges.push_back({3, 1});
  ranges.push_back({0, 2});
  RandomStream stream(5, 0, 0, Draw::kInitial);
  std::vector<double> values(ranges.size() * kWidth);
  for (double& value : values) value = 8.0 * stream.Uniform() - 4.0;
  values[7] = std::numeric_limits<double>::quiet_NaN();
  values[24] = kInfinity;
  values[27] = -kInfinity;
  std::vector<float> together(values.size());
  const size_t used = space->DecodeElements(ranges, kWidth, values, absl::MakeSpan(together));
  std::vector<double> clamped = values;
  space->Clamp(ranges, kWidth, absl::MakeSpan(clamped));
  size_t next = 0;
  for (size_t n = 0; n < ranges.size(); ++n) {
    const auto size = static_cast<size_t>(ranges[n].size);
    for (size_t j = 0; j < size; ++j) {
      double alone = values[n * kWidth + j];
      const auto coordinate = static_cast<size_t>(ranges[n].first) + j;
      const size_t tensor = coordinate < 5 ? 0 : coordinate < 9 ? 1 : coordinate < 12 ? 2 : 3;
      EXPECT_EQ(together[next++], DecodeElement(space->tensors()[tensor], alone)) << n;
      space->Clamp(static_cast<int64_t>(coordinate), absl::MakeSpan(&alone, 1));
      EXPECT_EQ(clamped[n * kWidth + j], alone) << n;
    }
  }
  EXPECT_EQ(used, next);
}

TEST(SearchSpace, Clamp_BringsEveryCoordinateIntoItsBoundsAndKeepsThePoint) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const SearchSpace space = RandomSpace(seed);
    RandomStream stream(seed, 2, 0, Draw::kInitial);
    const std::vector<double> wild = WildCoordinates(space, stream);
    std::vector<double> clamped = wild;
    space.Clamp(absl::MakeSpan(clamped));
    for (size_t i = 0; i < clamped.size(); ++i) {
      EXPECT_TRUE(std::isfinite(clamped[i]));
      EXPECT_GE(clamped[i], space.coordinates()[i].lower);
      EXPECT_LE(clamped[i], space.coordinates()[i].upper);
    }
    EXPECT_EQ(space.Decode(clamped), space.Decode(wild));
  }
}

TEST(SearchSpace, DistinctPoints_HaveDistinctKeys) {
  const auto space = SearchSpace::Create(
      {{"a", IntegerDomain{0, 3, Scale::kLinear, {}}}, {"b", CategoricalDomain{{"x", "y"}, {}}}},
      {});
  ASSERT_TRUE(space.ok());
  EXPECT_NE(space->DecodedKey({0.1, 1.0, 0.0}), space->DecodedKey({0.9, 1.0, 0.0}));
  EXPECT_NE(space->DecodedKey({0.1, 1.0, 0.0}), space->DecodedKey({0.1, 0.0, 1.0}));
  EXPECT_EQ(space->DecodedKey({0.1, 0.9, 0.0}), space->DecodedKey({0.2, 0.3, 0.2}));
}

TEST(SearchSpace, InitialValues_AreWhereTheSearchStarts) {
  RealDomain real;
  real.min = 1e-4;
  real.max = 1e2;
  real.scale = Scale::kLog;
  real.initial = 0.125;
  const auto space = SearchSpace::Create({{"real", real},
                                          {"free", RealDomain{{}, {}, Scale::kLinear, -7.5}},
                                          {"integer", IntegerDomain{-5, 5, Scale::kLinear, 4}},
                                          {"discrete", DiscreteDomain{{1.0, 2.2, 4.7}, 4.7}},
                                          {"categorical", CategoricalDomain{{"a", "b", "c"}, "c"}},
                                          {"boolean", BooleanDomain{true}},
                                          {"default", IntegerDomain{0, 4, Scale::kLinear, {}}}},
                                         {});
  ASSERT_TRUE(space.ok()) << space.status();
  const Point point = space->Decode(space->InitialCoordinates(1));
  EXPECT_NEAR(std::get<double>(point.parameters[0]), 0.125, 1e-15);
  EXPECT_EQ(point.parameters[1], Value(-7.5));
  EXPECT_EQ(point.parameters[2], Value(int64_t{4}));
  EXPECT_EQ(point.parameters[3], Value(4.7));
  EXPECT_EQ(point.parameters[4], Value(std::string("c")));
  EXPECT_EQ(point.parameters[5], Value(true));
  EXPECT_EQ(point.parameters[6], Value(int64_t{2}));
}

TEST(SearchSpace, TensorInitializer_IsDrawnFromTheSeed) {
  TensorSpec tensor{"w", {64}, TensorKind::kReal, {}, {}, {}};
  tensor.initializer = {Initializer::Kind::kNormal, 2.0, 0.0};
  const auto space = SearchSpace::Create({}, {tensor});
  ASSERT_TRUE(space.ok());
  EXPECT_EQ(space->InitialCoordinates(3), space->InitialCoordinates(3));
  EXPECT_NE(space->InitialCoordinates(3), space->InitialCoordinates(4));
  double square = 0.0;
  for (double c : space->InitialCoordinates(3)) square += c * c;
  EXPECT_NEAR(square / 64.0, 4.0, 2.5);
}

absl::StatusOr<SearchSpace> Uploaded(TensorSpec tensor, std::vector<float> values) {
  tensor.initializer.kind = Initializer::Kind::kUploaded;
  tensor.initializer.values = std::make_shared<const std::vector<float>>(std::move(values));
  return SearchSpace::Create({{"x", BooleanDomain{}}},
                             {{"a", {2}, TensorKind::kReal, {}, {}, {}}, tensor});
}

TEST(SearchSpace, UploadedValues_AreTheStart) {
  auto space = Uploaded({"w", {3, 1}, TensorKind::kReal, -2.0, 2.0, {}}, {0.25F, -2.0F, 2.0F});
  ASSERT_TRUE(space.ok()) << space.status();
  EXPECT_TRUE(space->CheckUploads().ok());
  EXPECT_EQ(space->InitialCoordinates(1), (std::vector<double>{0.5, 0.0, 0.0, 0.25, -2.0, 2.0}));
  space->DropUploads();
  EXPECT_EQ(space->CheckUploads().message(),
            "tensors[1].initializer.content_id: has no values here");
}

TEST(SearchSpace, UploadedValues_OutsideTheDomainAreNamed) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  struct Row {
    TensorSpec tensor;
    std::vector<float> values;
    const char* text;
  };
  for (const Row& row : {
           Row{{"w", {2}, TensorKind::kReal, -1.0, 1.0, {}}, {0.0F, 1.5F}, "value 1 is 1.5"},
           Row{{"w", {2}, TensorKind::kReal, {}, {}, {}}, {nan, 0.0F}, "value 0 is nan"},
           Row{{"w", {2}, TensorKind::kInteger, 0.0, 9.0, {}}, {9.0F, 2.5F}, "value 1 is 2.5"},
           Row{{"w", {2}, TensorKind::kInteger, 0.0, 9.0, {}}, {10.0F, 2.0F}, "value 0 is 10"},
           Row{{"w", {2}, TensorKind::kBinary, {}, {}, {}}, {1.0F, 2.0F}, "value 1 is 2"},
           Row{{"w", {2}, TensorKind::kReal, {}, {}, {}},
               {1.0F},
               "names 1 values, the shape of \"w\" has 2"},
       }) {
    const auto space = Uploaded(row.tensor, row.values);
    ASSERT_TRUE(space.ok()) << space.status();
    const std::string message(space->CheckUploads().message());
    EXPECT_NE(message.find(row.text), std::string::npos) << message;
    EXPECT_EQ(message.find("tensors[1].initializer.content_id: "), 0u) << message;
  }
}

TEST(SearchSpace, Encode_NamesTheValueOutsideItsDomain) {
  const auto space = SearchSpace::Create(
      {{"n", IntegerDomain{0, 3, Scale::kLinear, {}}}, {"d", DiscreteDomain{{1.0, 2.0}, {}}}}, {});
  ASSERT_TRUE(space.ok());
  const auto encoded = space->Encode({{int64_t{2}, 1.5}, {}});
  EXPECT_EQ(encoded.status().message(), "parameters[1]: \"d\" is 1.5, not one of the values");
  EXPECT_FALSE(space->Encode({{int64_t{4}, 1.0}, {}}).ok());
  EXPECT_FALSE(space->Encode({{1.0, 1.0}, {}}).ok());
  EXPECT_FALSE(space->Encode({{int64_t{2}}, {}}).ok());
}

TEST(SearchSpace, CellWidth_FollowsTheScale) {
  const auto space =
      SearchSpace::Create({{"x", RealDomain{}}, {"n", IntegerDomain{1, 1000, Scale::kLog, {}}}},
                          {{"t", {2}, TensorKind::kInteger, 0.0, 9.0, {}}});
  ASSERT_TRUE(space.ok());
  EXPECT_EQ(space->CellWidth(0, 0.5), 0.0);
  EXPECT_GT(space->CellWidth(1, 0.01), 50.0 * space->CellWidth(1, 0.99));
  EXPECT_EQ(space->CellWidth(2, 4.0), 1.0);
}

}  // namespace
}  // namespace polystep
