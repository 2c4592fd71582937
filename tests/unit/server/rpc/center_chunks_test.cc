// Centers as messages: what a reader puts together from them is the center, whatever changed.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "server/engine/center_store.h"
#include "server/rpc/block_to_proto.h"

namespace polystep {
namespace {

std::shared_ptr<const Center> MakeCenter(std::vector<float> values) {
  auto center = std::make_shared<Center>();
  center->id = "now";
  center->values = std::move(values);
  center->bits = AreBits(center->values);
  return center;
}

float ValueAt(const v1::CenterChunk& chunk, size_t k) {
  if (chunk.bit_count() == 0) return chunk.values(static_cast<int>(k));
  return static_cast<float>((static_cast<uint8_t>(chunk.bits()[k / 8]) >> (k % 8)) & 1);
}

// Reads the difference of two centers; empty if a whole center came instead.
std::vector<float> ReadDifference(const std::vector<float>& known, const std::vector<float>& now) {
  auto center = std::make_shared<Center>(*MakeCenter(now));
  center->before_id = "known";
  for (size_t first = 0; first < now.size(); first += 256) {  // as it is made: tile by tile
    AddChanged(absl::MakeConstSpan(known).subspan(first, 256),
               absl::MakeConstSpan(now).subspan(first, 256), first, center->changed);
  }
  CenterChunks chunks(ViewOf(center, "known"));
  std::vector<float> values = known;
  v1::CenterChunk chunk;
  for (bool first = true; chunks.Next(chunk); first = false) {
    if (first && chunk.base_id() != "known") return {};
    size_t place = 0;
    for (int run = 0; run < chunk.run_offsets_size(); ++run) {
      for (uint32_t k = 0; k < chunk.run_sizes(run); ++k) {
        values[chunk.run_offsets(run) + k] = ValueAt(chunk, place++);
      }
    }
  }
  return values;
}

// Around every place where values are looked at together, and at the ends of odd lengths.
TEST(CenterChunks, ChangeAnywhere_DifferenceGivesTheCenter) {
  for (size_t size : {640u, 641u, 703u, 1000u}) {
    for (const float changed : {1.0F, 0.25F}) {
      for (size_t at = 0; at + 1 < size; ++at) {
        std::vector<float> known(size, 0.0F), now(size, 0.0F);
        now[at] = changed;
        if (at % 3 == 0) now[at + 1] = changed;
        ASSERT_EQ(ReadDifference(known, now), now) << size << " values, changed at " << at;
      }
    }
  }
}

TEST(CenterChunks, OneValueThatIsNoBit_IsSentAsItIs) {
  for (size_t at : {0u, 63u, 64u, 65u, 499u}) {
    std::vector<float> now(500, 1.0F);
    now[at] = 0.5F;
    CenterChunks chunks(ViewOf(MakeCenter(now), ""));
    v1::CenterChunk chunk;
    ASSERT_TRUE(chunks.Next(chunk));
    EXPECT_EQ(chunk.bit_count(), 0u) << at;
    EXPECT_EQ(chunk.values(static_cast<int>(at)), 0.5F);
  }
}

TEST(CenterChunks, Unchanged_DifferenceIsEmpty) {
  const std::vector<float> values(300, 1.0F);
  EXPECT_EQ(ReadDifference(values, values), values);
}

}  // namespace
}  // namespace polystep
