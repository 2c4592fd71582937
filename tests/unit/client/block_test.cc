// Changes of a center: decoded, refused, and the center fetched and kept.
#include <gmock/gmock.h>
#include <xxhash.h>

#include "absl/strings/escaping.h"
#include "client/cpp/block_decoder.h"
#include "client/cpp/center_cache.h"
#include "client/cpp/lease_decoder.h"
#include "client/cpp/pending_answers.h"
#include "gtest/gtest.h"
#include "tests/unit/client/fake_transport.h"

namespace polystep::client {
namespace {

using ::testing::ElementsAre;

// The XXH3 of six zeros, and of 0, 0, 1, 0, 0, 1.
constexpr char kZeros[] = "10e45c7ce2292320743df94ee4c78a2a";
constexpr char kOnes[] = "aa5d45507660c7c7cdd29fef8d25344c";

std::shared_ptr<const Center> Zeros() {
  return std::make_shared<const Center>(Center{kZeros, std::vector<float>(6, 0.0F)});
}

// An unchanged candidate, then blocks of 4 and of 2 coordinates, two of the first.
v1::BlockCandidates Rows() {
  v1::BlockCandidates block;
  block.set_center_id(kZeros);
  block.set_block_size(4);
  block.set_unchanged(1);
  block.set_candidates_per_block(2);
  for (float value : {1.0F, 0.0F, 0.0F, 2.0F, 3.0F, 0.0F, 4.0F, 5.0F, 6.0F, 7.0F}) {
    block.add_values(value);
  }
  block.set_check(16279632442378145138ULL);
  return block;
}

TEST(DecodeBlock, Rows_OnlyWhatDiffersFromTheCenter) {
  auto changes = DecodeBlock(Rows(), 4, Zeros());
  ASSERT_TRUE(changes.ok()) << changes.status();
  EXPECT_TRUE((*changes)->Of(0).empty());
  EXPECT_THAT((*changes)->Of(1), ElementsAre(Change{0, 1.0F}, Change{3, 2.0F}));
  EXPECT_THAT((*changes)->Of(2), ElementsAre(Change{0, 3.0F}, Change{2, 4.0F}, Change{3, 5.0F}));
  EXPECT_THAT((*changes)->Of(3), ElementsAre(Change{4, 6.0F}, Change{5, 7.0F}));
}

TEST(DecodeBlock, WhatDoesNotFit_IsRefused) {
  auto refused = [](const std::function<void(v1::BlockCandidates&)>& change, uint32_t count = 4) {
    v1::BlockCandidates block = Rows();
    change(block);
    return absl::IsInternal(DecodeBlock(block, count, Zeros()).status());
  };
  EXPECT_TRUE(refused([](auto& block) { block.set_check(block.check() ^ 1); }));
  EXPECT_TRUE(refused([](auto& block) { block.mutable_values()->RemoveLast(); }));
  EXPECT_TRUE(refused([](auto& block) { block.add_values(1.0F); }));
  EXPECT_TRUE(refused([](auto& block) { block.set_values(9, 8.0F); })) << "of the last";
  EXPECT_TRUE(refused([](auto& block) { block.set_unchanged(5); }));
  EXPECT_TRUE(refused([](auto& block) { block.set_block_size(0); }));
  EXPECT_TRUE(refused([](auto& block) { block.set_candidates_per_block(0); }));
  EXPECT_TRUE(refused([](auto& block) { block.set_first_block(2); }));
  EXPECT_TRUE(refused([](auto& block) { block.add_offsets(1); }));
  EXPECT_TRUE(refused([](auto&) {}, 6)) << "beyond the center";
  auto other = std::make_shared<const Center>(Center{kZeros, {9, 0, 0, 0, 9, 0}});
  EXPECT_TRUE(absl::IsInternal(DecodeBlock(Rows(), 4, other).status())) << "another center";
}

TEST(Candidate, OfChanges_IsWholeWhenLookedAt) {
  v1::StudySpec spec;
  for (int64_t size : {2, 4}) {
    v1::TensorSpec& tensor = *spec.add_tensors();
    tensor.set_name(size == 2 ? "a" : "b");
    tensor.add_shape(size);
  }
  LeaseDecoder decoder(spec);
  EXPECT_THAT(decoder.encodings(true),
              ElementsAre(v1::AskRequest::SUBSPACE, v1::AskRequest::BLOCK, v1::AskRequest::DENSE));
  auto lease = std::make_shared<v1::Lease>();
  lease->set_count(4);
  *lease->mutable_block() = Rows();
  ASSERT_TRUE(decoder.Check(*lease).ok());
  std::vector<Candidate> candidates =
      decoder.Decode(lease, *DecodeBlock(lease->block(), 4, Zeros()), 1, 3);
  ASSERT_EQ(candidates.size(), 3u);
  const Candidate copy = candidates[1];
  candidates.clear();
  lease.reset();
  EXPECT_TRUE(copy.has_center());
  EXPECT_EQ(copy.center_id(), kZeros);
  EXPECT_THAT(copy.values(), ElementsAre(3, 0, 4, 5, 0, 0));
  EXPECT_EQ(copy.tensors.size(), 2u);
  EXPECT_THAT(*copy.Values("b"), ElementsAre(4, 5, 0, 0));
  EXPECT_FALSE(Candidate().has_center());
  EXPECT_TRUE(Candidate().changes().empty());
}

class CenterCacheTest : public ::testing::Test {
 protected:
  CenterCacheTest() {
    v1::CenterChunk whole;
    whole.set_dimension(6);
    whole.set_bits(std::string(1, '\0'));
    whole.set_bit_count(6);
    transport_->centers[kZeros] = {whole};
    v1::CenterChunk difference;
    difference.set_dimension(6);
    difference.set_base_id(kZeros);
    difference.add_run_offsets(2);
    difference.add_run_sizes(1);
    difference.add_values(1.0F);
    v1::CenterChunk rest;
    rest.add_run_offsets(5);
    rest.add_run_sizes(1);
    rest.set_bits("\1");
    rest.set_bit_count(1);
    transport_->centers[kOnes] = {difference, rest};
  }
  std::shared_ptr<FakeTransport> transport_ = std::make_shared<FakeTransport>();
  CenterCache cache_{transport_, "studies/s", 6};
};

TEST_F(CenterCacheTest, Get_FetchesOnceAndThenTheDifference) {
  auto zeros = cache_.Get(kZeros, {});
  ASSERT_TRUE(zeros.ok()) << zeros.status();
  EXPECT_EQ((*zeros)->values, std::vector<float>(6, 0.0F));
  auto ones = cache_.Get(kOnes, {});
  ASSERT_TRUE(ones.ok()) << ones.status();
  EXPECT_THAT((*ones)->values, ElementsAre(0, 0, 1, 0, 0, 1));
  EXPECT_EQ((*zeros)->base_id, "");
  EXPECT_EQ((*ones)->base_id, kZeros);
  EXPECT_THAT((*ones)->changed, ElementsAre(CoordinateRun{2, 1}, CoordinateRun{5, 1}));
  EXPECT_EQ(*cache_.Get(kZeros, {}), *zeros);
  ASSERT_EQ(transport_->center_requests.size(), 2u);
  EXPECT_EQ(transport_->center_requests[0].known_center_id(), "");
  EXPECT_EQ(transport_->center_requests[1].known_center_id(), kZeros);
}

TEST_F(CenterCacheTest, Take_WhatIsTheContent_IsNotFetched) {
  EXPECT_EQ(cache_.known_id(), "");
  cache_.Take(kZeros, transport_->centers[kZeros][0]);
  EXPECT_EQ(cache_.known_id(), kZeros);
  auto zeros = cache_.Get(kZeros, {});
  ASSERT_TRUE(zeros.ok()) << zeros.status();
  EXPECT_TRUE(transport_->center_requests.empty());
  cache_.Take(kOnes, transport_->centers[kOnes][0]);  // half of it
  EXPECT_EQ(cache_.known_id(), kZeros);
  EXPECT_TRUE(cache_.Get(kOnes, {}).ok());
  EXPECT_EQ(transport_->center_requests.size(), 1u);
}

TEST_F(CenterCacheTest, Get_MemoryOfACenterThatIsHeld_IsNotUsedAgain) {
  auto held = cache_.Get(kZeros, {});
  ASSERT_TRUE(held.ok()) << held.status();
  for (int again = 0; again < 3; ++again) {
    ASSERT_TRUE(cache_.Get(kOnes, {}).ok());
    cache_.Take(kOnes, transport_->centers[kZeros][0]);  // something else
    EXPECT_EQ((*held)->values, std::vector<float>(6, 0.0F));
  }
}

TEST_F(CenterCacheTest, Get_WhatIsNotTheContent_IsRefused) {
  transport_->centers[kZeros][0].set_bits("\1");
  EXPECT_TRUE(absl::IsInternal(cache_.Get(kZeros, {}).status()));
  EXPECT_GT(transport_->center_requests.size(), 1u) << "tried again before that";
  EXPECT_TRUE(absl::IsNotFound(cache_.Get("unknown", {}).status()));
  transport_->centers[kOnes][0].set_dimension(7);
  EXPECT_TRUE(absl::IsInternal(cache_.Get(kOnes, {}).status()));
}

TEST_F(CenterCacheTest, Get_RunsThatDoNotAscend_AreRefused) {
  ASSERT_TRUE(cache_.Get(kZeros, {}).ok());
  std::swap(transport_->centers[kOnes][0], transport_->centers[kOnes][1]);
  transport_->centers[kOnes][0].set_dimension(6);
  transport_->centers[kOnes][0].set_base_id(kZeros);
  EXPECT_TRUE(absl::IsInternal(cache_.Get(kOnes, {}).status()));
}

std::string IdOf(const std::vector<float>& values) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits(values.data(), values.size() * sizeof(float)));
  return absl::BytesToHexString(
      {reinterpret_cast<const char*>(canonical.digest), sizeof(canonical.digest)});
}

// Longer than what is changed and hashed in one go, with runs across its ends.
TEST(LargeCenter, Take_DifferenceOfLongRuns_IsWhatTheIdSays) {
  constexpr uint32_t kDimension = 20'001;
  CenterCache cache(std::make_shared<FakeTransport>(), "studies/s", kDimension);
  std::vector<float> values(kDimension, 0.5F);
  v1::CenterChunk whole;
  whole.set_dimension(kDimension);
  whole.mutable_values()->Add(values.begin(), values.end());
  const std::string before = IdOf(values);
  cache.Take(before, whole);
  v1::CenterChunk difference;
  difference.set_dimension(kDimension);
  difference.set_base_id(before);
  for (const auto& [first, size] :
       {std::pair(0u, 3u), {4000u, 9000u}, {16'384u, 0u}, {16'384u, 1u}, {20'000u, 1u}}) {
    difference.add_run_offsets(first);
    difference.add_run_sizes(size);
    for (uint32_t c = first; c < first + size; ++c) {
      values[c] = static_cast<float>(c);
      difference.add_values(values[c]);
    }
  }
  cache.Take(IdOf(values), difference);
  ASSERT_EQ(cache.known_id(), IdOf(values));
  EXPECT_EQ((*cache.Get(IdOf(values), {}))->values, values);
}

TEST(PendingAnswers, LargeRuns_OneSliceWithinAMessage) {
  PendingAnswers answers;
  EXPECT_EQ(answers.Add(10, std::vector<EvaluationResult>(50'000, 1.5)), 0u);
  EXPECT_EQ(answers.Add(50'010, {1.0, EvaluationResult::Abandoned(), 2.0}), 1u);
  answers.Erase(20, 5);
  EXPECT_EQ(answers.size(), 50'002u - 5);
  v1::TellRequest request;
  answers.TakeInto(65'536, request);
  EXPECT_TRUE(answers.empty());
  ASSERT_EQ(request.slices_size(), 3);
  EXPECT_EQ(request.slices(0).losses_size(), 10);
  EXPECT_EQ(request.slices(1).first_index(), 25u);
  EXPECT_EQ(request.slices(2).first_index(), 50'012u);
  EXPECT_LT(request.ByteSizeLong(), size_t{1} << 20);
}

}  // namespace
}  // namespace polystep::client
