// Asks, tells, leases and solutions to and from the wire.
#include <gmock/gmock.h>

#include "core/base/field_error.h"
#include "server/engine/limits.h"
#include "server/rpc/evaluation_from_proto.h"
#include "server/rpc/lease_to_proto.h"
#include "server/rpc/resource_names.h"
#include "server/rpc/solution_chunks.h"

namespace polystep {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

SearchSpace MixedSpace() {
  RealDomain real;
  real.min = 0.0;
  real.max = 10.0;
  auto space = SearchSpace::Create({{"x", real},
                                    {"n", IntegerDomain{0, 4, Scale::kLinear, {}}},
                                    {"d", DiscreteDomain{{1.0, 2.2}, {}}},
                                    {"c", CategoricalDomain{{"a", "b"}, {}}},
                                    {"b", BooleanDomain{}}},
                                   {TensorSpec{"w", {2}, TensorKind::kReal, {}, {}, {}}});
  EXPECT_TRUE(space.ok()) << space.status();
  return *std::move(space);
}

TEST(LeaseToProto, Named_HasOneTypedColumnPerParameterAndTensor) {
  SearchSpace space = MixedSpace();
  ASSERT_EQ(space.dimension(), 8);
  std::vector<double> coordinates = {0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.5, -0.5,
                                     1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.5, -1.5};
  v1::NamedCandidates named = NamedToProto(space, coordinates);
  ASSERT_EQ(named.columns_size(), 6);
  EXPECT_EQ(named.columns(0).name(), "x");
  EXPECT_THAT(named.columns(0).real().values(), ElementsAre(0.0, 10.0));
  EXPECT_THAT(named.columns(1).integer().values(), ElementsAre(0, 4));
  EXPECT_THAT(named.columns(2).discrete().values(), ElementsAre(1.0, 2.2));
  EXPECT_THAT(named.columns(3).categorical().values(), ElementsAre("a", "b"));
  EXPECT_THAT(named.columns(4).boolean().values(), ElementsAre(false, true));
  EXPECT_EQ(named.columns(5).name(), "w");
  EXPECT_EQ(named.columns(5).tensor().size(), 2u);
  EXPECT_THAT(named.columns(5).tensor().values(), ElementsAre(0.5f, -0.5f, 1.5f, -1.5f));
}

TEST(LeaseToProto, Dense_IsRowMajorOverAllTensors) {
  auto space = SearchSpace::Create({}, {TensorSpec{"a", {1}, TensorKind::kReal, {}, {}, {}},
                                        TensorSpec{"b", {2}, TensorKind::kReal, {}, {}, {}}});
  ASSERT_TRUE(space.ok());
  std::vector<double> coordinates = {1, 2, 3, 4, 5, 6};
  v1::DenseCandidates dense = DenseToProto(*space, coordinates);
  EXPECT_EQ(dense.dimension(), 3u);
  EXPECT_THAT(dense.values(), ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST(EvaluationFromProto, Wait_EndsBeforeTheDeadline) {
  EXPECT_EQ(WaitWithin(absl::Seconds(30), absl::InfiniteDuration()), absl::Seconds(30));
  EXPECT_EQ(WaitWithin(absl::Seconds(30), absl::Seconds(10)), absl::Milliseconds(9750));
  EXPECT_EQ(WaitWithin(absl::Seconds(30), absl::Milliseconds(100)), absl::Milliseconds(75));
  EXPECT_EQ(WaitWithin(absl::Seconds(30), -absl::Seconds(1)), absl::ZeroDuration());
  EXPECT_EQ(WaitWithin(absl::ZeroDuration(), absl::Seconds(10)), absl::ZeroDuration());
}

TEST(EvaluationFromProto, Encodings_KeepTheirOrder) {
  v1::AskRequest proto;
  proto.set_study("studies/a");
  proto.add_encodings(v1::AskRequest::SUBSPACE);
  proto.add_encodings(v1::AskRequest::DENSE);
  absl::StatusOr<AskParams> ask = AskFromProto(proto, absl::InfiniteDuration());
  ASSERT_TRUE(ask.ok()) << ask.status();
  EXPECT_THAT(ask->encodings, ElementsAre(Encoding::kSubspace, Encoding::kDense));
}

TEST(EvaluationFromProto, Next_AsksTheSameStudy) {
  v1::TellRequest proto;
  proto.set_study("studies/a");
  proto.mutable_next()->set_worker("w");
  absl::StatusOr<TellParams> tell = TellFromProto(proto, absl::InfiniteDuration());
  ASSERT_TRUE(tell.ok()) << tell.status();
  EXPECT_EQ(tell->next->study, "a");
  proto.mutable_next()->set_study("studies/b");
  absl::Status refused = TellFromProto(proto, absl::InfiniteDuration()).status();
  EXPECT_EQ(GetFieldViolation(refused)->field, "next.study");
  proto.mutable_next()->clear_study();
  proto.mutable_next()->add_encodings(v1::AskRequest::ENCODING_UNSPECIFIED);
  refused = TellFromProto(proto, absl::InfiniteDuration()).status();
  EXPECT_EQ(GetFieldViolation(refused)->field, "next.encodings[0]");
}

TEST(EvaluationFromProto, LongFailureMessage_IsCutBetweenCharacters) {
  v1::TellRequest proto;
  proto.set_study("studies/a");
  v1::Failure& failure = *proto.add_slices()->add_failures();
  failure.set_kind(v1::Failure::TRANSIENT);
  std::string text = "x";
  while (text.size() < limits::kFailureMessage) text += "\u00e9";  // two bytes each
  failure.set_message(text);
  absl::StatusOr<TellParams> tell = TellFromProto(proto, absl::InfiniteDuration());
  ASSERT_TRUE(tell.ok());
  const std::string& kept = tell->slices[0].failures[0].message;
  EXPECT_EQ(kept.size(), limits::kFailureMessage - 1);
  EXPECT_EQ(kept, text.substr(0, kept.size()));
}

TEST(EvaluationFromProto, Violations_StandBesideTheirLosses) {
  v1::TellRequest proto;
  proto.set_study("studies/a");
  v1::LossSlice& slice = *proto.add_slices();
  for (double loss : {1.0, 2.0}) slice.add_losses(loss);
  for (double violation : {0.0, 0.5}) slice.add_violations(violation);
  absl::StatusOr<TellParams> tell = TellFromProto(proto, absl::InfiniteDuration());
  ASSERT_TRUE(tell.ok()) << tell.status();
  EXPECT_THAT(tell->slices[0].violations, ElementsAre(0.0, 0.5));
}

TEST(ResourceNames, StudyNames_AreParsedStrictly) {
  EXPECT_EQ(*StudyIdFromName("name", "studies/a-1"), "a-1");
  for (const char* bad : {"", "a", "studies/", "studies/A", "studies/a/b", "Studies/a", "studies/-",
                          "studies/a ", "studies/..", "studies/a-"}) {
    absl::Status status = StudyIdFromName("name", bad).status();
    EXPECT_EQ(GetFieldViolation(status)->field, "name") << bad;
  }
  EXPECT_TRUE(StudyIdFromName("name", "studies/" + std::string(63, 'a')).ok());
  EXPECT_FALSE(StudyIdFromName("name", "studies/" + std::string(64, 'a')).ok());
  std::string nul("studies/a\0b", 11);
  EXPECT_THAT(std::string(StudyIdFromName("name", nul).status().message()), HasSubstr("\\x00"));
}

TEST(ResourceNames, Pages_AreBoundedAndTokensAreOfOneList) {
  EXPECT_EQ(*PageSize(0), kDefaultPageSize);
  EXPECT_EQ(*PageSize(kMaxPageSize), kMaxPageSize);
  EXPECT_EQ(*PageSize(kMaxPageSize + 1), kMaxPageSize);
  EXPECT_FALSE(PageSize(-1).ok());
  std::string token = PageToken("steps", "41");
  EXPECT_EQ(*PagePosition("steps", token), "41");
  EXPECT_FALSE(PagePosition("studies", token).ok());
  EXPECT_FALSE(PagePosition("steps", "%%%").ok());
  EXPECT_FALSE(PagePosition("steps", PageToken("steps", "")).ok());
}

TEST(SolutionChunks, LargeTensors_ComeInBoundedPiecesAndOrder) {
  constexpr int64_t kSize = 2 * static_cast<int64_t>(SolutionChunks::kChunkValues) + 5;
  auto space = SearchSpace::Create({}, {TensorSpec{"a", {3}, TensorKind::kReal, {}, {}, {}},
                                        TensorSpec{"b", {kSize}, TensorKind::kReal, {}, {}, {}}});
  ASSERT_TRUE(space.ok());
  Engine::SolutionView solution;
  solution.loss = 1.5;
  solution.space = std::make_shared<const SearchSpace>(*std::move(space));
  solution.point.tensors = {{7, 8, 9}, std::vector<float>(kSize)};
  for (int64_t i = 0; i < kSize; ++i) solution.point.tensors[1][i] = static_cast<float>(i);
  SolutionChunks chunks(solution);
  std::vector<float> seen;
  v1::SolutionChunk chunk;
  int messages = 0;
  for (; chunks.Next(chunk); ++messages) {
    EXPECT_EQ(chunk.has_solution(), messages == 0);
    EXPECT_LT(chunk.ByteSizeLong(), 1u << 20);
    for (const v1::TensorChunk& piece : chunk.tensors()) {
      if (piece.name() != "b") continue;
      EXPECT_EQ(piece.offset(), static_cast<int64_t>(seen.size()));
      EXPECT_EQ(piece.shape_size() > 0, seen.empty());
      seen.insert(seen.end(), piece.values().begin(), piece.values().end());
    }
  }
  EXPECT_EQ(messages, 3);
  EXPECT_EQ(seen, solution.point.tensors[1]);
}

TEST(SolutionChunks, WithoutTensors_IsOneMessage) {
  SolutionChunks chunks(Engine::SolutionView{});
  v1::SolutionChunk chunk;
  EXPECT_TRUE(chunks.Next(chunk));
  EXPECT_FALSE(chunks.Next(chunk));
}

}  // namespace
}  // namespace polystep
