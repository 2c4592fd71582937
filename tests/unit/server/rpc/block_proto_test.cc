// Block-encoded candidates and centers as messages.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/engine/center_store.h"
#include "server/rpc/block_to_proto.h"

namespace polystep {
namespace {

using ::testing::ElementsAre;

std::shared_ptr<const Center> MakeCenter(std::vector<float> values,
                                         const Center* before = nullptr) {
  auto center = std::make_shared<Center>();
  center->id = CenterId(values);
  center->values = std::move(values);
  center->bits = AreBits(center->values);
  if (before != nullptr) {
    center->before_id = before->id;
    AddChanged(before->values, center->values, 0, center->changed);
  }
  return center;
}

TEST(CenterId, Values_TheHashThatIsPublished) {
  // What `xxhash.xxh3_128_hexdigest(numpy.zeros(1000000, "float32"))` gives.
  EXPECT_EQ(CenterId(std::vector<float>(1'000'000, 0.0F)), "4e2905f444c6896b32a50c4482e59270");
  EXPECT_NE(CenterId({{1.0F, 2.0F}}), CenterId({{2.0F, 1.0F}}));
}

TEST(BlockToProto, RowsOfBlocks_AreCounted) {
  BlockChanges block;
  block.center = MakeCenter({0, 1, 2, 3, 4});
  block.width = 2;
  block.ranges = {{0, 2}, {2, 2}, {2, 2}, {4, 1}};
  block.values = {7, 8, 9, 10, 11, 12, 13};
  v1::BlockCandidates proto = BlockToProto(block);
  EXPECT_EQ(proto.first_block(), 0u);
  EXPECT_EQ(proto.candidates_per_block(), 2u);
  EXPECT_EQ(proto.first_in_block(), 1u);
  EXPECT_EQ(proto.offsets_size(), 0);
  EXPECT_EQ(proto.unchanged(), 0u);
  EXPECT_THAT(proto.values(), ElementsAre(7, 8, 9, 10, 11, 12, 13));
  EXPECT_TRUE(proto.bits().empty());
}

TEST(BlockToProto, FlipsInAnyOrder_AreOffsetsAndBits) {
  BlockChanges block;
  block.center = MakeCenter({0, 1, 1, 0});
  block.width = 1;
  block.ranges = {{0, 0}, {2, 1}, {0, 1}, {0, 0}, {3, 1}};
  block.values = {0, 1, 1};
  v1::BlockCandidates proto = BlockToProto(block);
  EXPECT_EQ(proto.unchanged(), 1u);
  EXPECT_THAT(proto.offsets(), ElementsAre(2, 0, 4, 3)) << "4, the end, is no coordinate";
  EXPECT_EQ(proto.bits(), std::string("\x06"));
  EXPECT_EQ(proto.values_size(), 0);
}

TEST(BlockToProto, Check_ChangesWithEachPart) {
  BlockChanges block;
  block.center = MakeCenter({0.5F, 1});
  block.width = 1;
  block.ranges = {{0, 1}, {1, 1}};
  block.values = {2.5F, 3};
  const uint64_t check = BlockToProto(block).check();
  EXPECT_EQ(check, BlockToProto(block).check());
  BlockChanges other = block;
  other.values = {2.5F, 4};
  EXPECT_NE(BlockToProto(other).check(), check);
  other = block;
  other.ranges = {{1, 1}, {1, 1}};
  EXPECT_NE(BlockToProto(other).check(), check);
  other = block;
  other.center = MakeCenter({0.25F, 1});
  EXPECT_NE(BlockToProto(other).check(), check);
}

std::vector<v1::CenterChunk> Chunks(const CenterView& view) {
  CenterChunks chunks(view);
  std::vector<v1::CenterChunk> all;
  for (v1::CenterChunk chunk; chunks.Next(chunk);) {
    EXPECT_LT(chunk.ByteSizeLong(), size_t{1} << 20);
    all.push_back(chunk);
  }
  return all;
}

TEST(CenterChunks, Whole_InMessagesOfHalfAMegabyte) {
  std::vector<float> values(300'000, 0.5F);
  auto chunks = Chunks(ViewOf(MakeCenter(values), ""));
  ASSERT_EQ(chunks.size(), 3u);
  EXPECT_EQ(chunks[0].dimension(), 300'000);
  EXPECT_EQ(chunks[1].offset(), 128 * 1024);
  EXPECT_EQ(chunks[2].values_size(), 300'000 - 2 * 128 * 1024);
  std::vector<float> bits(10'000'000, 1.0F);
  chunks = Chunks(ViewOf(MakeCenter(bits), ""));
  EXPECT_EQ(chunks.size(), 3u);
  EXPECT_EQ(chunks[0].values_size(), 0);
  EXPECT_EQ(chunks[2].offset() + chunks[2].bit_count(), 10'000'000);
}

TEST(CenterChunks, Difference_WhereItIsSmaller) {
  std::vector<float> from(1'000, 0.25F);
  std::vector<float> to = from;
  to[5] = 1.5F;
  to[6] = 2.5F;
  to[900] = 3.5F;
  auto known = MakeCenter(from);
  auto chunks = Chunks(ViewOf(MakeCenter(to, known.get()), known->id));
  ASSERT_EQ(chunks.size(), 1u);
  EXPECT_EQ(chunks[0].base_id(), known->id);
  EXPECT_THAT(chunks[0].run_offsets(), ElementsAre(5, 900));
  EXPECT_THAT(chunks[0].run_sizes(), ElementsAre(2, 1));
  EXPECT_THAT(chunks[0].values(), ElementsAre(1.5F, 2.5F, 3.5F));
  for (float& value : to) value += 1.0F;
  chunks = Chunks(ViewOf(MakeCenter(to, known.get()), known->id));
  EXPECT_EQ(chunks[0].base_id(), "") << "all of it changed";
  EXPECT_EQ(chunks[0].values_size(), 1'000);
}

TEST(CenterChunks, Difference_OfALongRunGoesOn) {
  std::vector<float> from(400'000, 0.25F);
  std::vector<float> to(400'000, 0.75F);
  std::copy_n(from.begin(), 40'000, to.begin());
  auto known = MakeCenter(from);
  auto chunks = Chunks(ViewOf(MakeCenter(to, known.get()), known->id));
  ASSERT_EQ(chunks.size(), 3u);
  EXPECT_NE(chunks[0].base_id(), "");
  EXPECT_EQ(chunks[1].base_id(), "");
  EXPECT_EQ(chunks[0].run_offsets(0), 40'000u);
  EXPECT_EQ(chunks[1].run_offsets(0), 40'000 + chunks[0].run_sizes(0));
}

TEST(CenterChunks, CallerHasAnotherCenter_GetsAllOfIt) {
  auto known = MakeCenter({0, 1, 1, 0});
  auto center = MakeCenter({0, 1, 1, 1}, known.get());
  EXPECT_FALSE(ViewOf(center, "").difference);
  EXPECT_FALSE(ViewOf(center, center->id).difference);
  EXPECT_FALSE(ViewOf(known, "").difference) << "there was none before";
  EXPECT_TRUE(ViewOf(center, known->id).difference);
}

TEST(OnlyChunk, Center_IfItIsOneMessageOfSoManyBytes) {
  auto center = MakeCenter(std::vector<float>(100'000, 0.5F));
  std::optional<v1::CenterChunk> chunk = OnlyChunk(ViewOf(center, ""), 500'000);
  ASSERT_TRUE(chunk);
  EXPECT_EQ(chunk->values_size(), 100'000);
  EXPECT_FALSE(OnlyChunk(ViewOf(center, ""), 400'000));
  auto larger = MakeCenter(std::vector<float>(200'000, 0.5F));
  EXPECT_FALSE(OnlyChunk(ViewOf(larger, ""), 10'000'000)) << "two messages";
}

}  // namespace
}  // namespace polystep
