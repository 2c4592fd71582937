// The numbers of directions, which every language has to make alike: the server's and the C++
// SDK's.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "client/cpp/frame_decoder.h"
#include "core/random/pseudo_normal.h"

namespace polystep {
namespace {

TEST(DirectionsGolden, Vectors_AreMadeAlike) {
  std::ifstream file("tests/golden/directions.json");
  const auto vectors = nlohmann::json::parse(file)["vectors"];
  ASSERT_EQ(vectors.size(), 48u);
  for (const auto& vector : vectors) {
    const uint64_t seed = std::stoull(vector[0].get<std::string>());
    const auto direction = vector[1].get<uint32_t>();
    const auto element = vector[2].get<uint32_t>();
    EXPECT_EQ(PseudoNormal(seed, direction, element), vector[3].get<int>()) << vector;
    EXPECT_EQ(client::DirectionNumber(seed, direction, element), vector[3].get<int>()) << vector;
  }
}

}  // namespace
}  // namespace polystep
