// The golden vectors of the PolyStep reference (tests/golden/polystep_reference_0.7.0.json), read
// once per test program. Non-finite numbers are the strings "NaN", "Infinity" and "-Infinity".
#ifndef POLYSTEP_TESTS_GOLDEN_REFERENCE_H_
#define POLYSTEP_TESTS_GOLDEN_REFERENCE_H_

#include <gtest/gtest.h>

#include <cstddef>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/types/span.h"

namespace polystep {

inline constexpr double kGoldenTolerance = 1e-12;

// One group of the file, e.g. "softmax".
inline const nlohmann::json& GoldenGroup(const std::string& group) {
  static const nlohmann::json* const kReference = [] {
    std::ifstream file("tests/golden/polystep_reference_0.7.0.json");
    return new nlohmann::json(nlohmann::json::parse(file));
  }();
  return kReference->at(group);
}

inline double GoldenNumber(const nlohmann::json& value) {
  if (value.is_number()) return value.get<double>();
  const std::string text = value.get<std::string>();
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  return text == "Infinity" ? infinity : -infinity;
}

// The numbers of an array of any depth, in row-major order.
inline std::vector<double> GoldenNumbers(const nlohmann::json& value) {
  if (!value.is_array()) return {GoldenNumber(value)};
  std::vector<double> numbers;
  for (const nlohmann::json& element : value) {
    for (const double number : GoldenNumbers(element)) numbers.push_back(number);
  }
  return numbers;
}

// Entry by entry within `tolerance`, relative to entries above 1.
inline void ExpectClose(absl::Span<const double> actual, absl::Span<const double> expected,
                        double tolerance = kGoldenTolerance) {
  ASSERT_EQ(actual.size(), expected.size());
  for (size_t i = 0; i < actual.size(); ++i) {
    const double magnitude = expected[i] < 0.0 ? -expected[i] : expected[i];
    EXPECT_NEAR(actual[i], expected[i], tolerance * (magnitude > 1.0 ? magnitude : 1.0))
        << "entry " << i;
  }
}

}  // namespace polystep

#endif  // POLYSTEP_TESTS_GOLDEN_REFERENCE_H_
