#include "core/frames/rotation_lanes.h"

#include <gtest/gtest.h>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/frames/rotation.h"

namespace polystep {
namespace {

TEST(HaarRotationLanes, AllDimensionsManyRows_BitsOfHaarRotation) {
  for (int dim = 1; dim <= 16; ++dim) {
    const size_t size = static_cast<size_t>(dim) * static_cast<size_t>(dim);
    const uint32_t rows = dim <= 8 ? 4000 : 500;
    std::vector<double> lanes(RotationLanesSize(dim));
    std::vector<double> rotation(size);
    for (uint32_t first = 0; first < rows; first += kLanes) {
      HaarRotationLanes(dim, {91, uint64_t{1} << 33, first, Draw::kRotation},
                        absl::MakeSpan(lanes));
      for (uint32_t l = 0; l < kLanes; ++l) {
        RandomStream stream(91, uint64_t{1} << 33, first + l, Draw::kRotation);
        HaarRotation(dim, stream, absl::MakeSpan(rotation));
        for (size_t n = 0; n < size; ++n) {
          ASSERT_EQ(std::bit_cast<uint64_t>(lanes[n * kLanes + l]),
                    std::bit_cast<uint64_t>(rotation[n]))
              << "dim " << dim << " row " << first + l << " element " << n;
        }
      }
    }
  }
}

}  // namespace
}  // namespace polystep
