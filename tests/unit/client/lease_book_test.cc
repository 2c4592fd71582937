// The leases a worker holds, with time given by hand.
#include "client/cpp/lease_book.h"

#include "client/cpp/lease_decoder.h"
#include "client/cpp/pace.h"
#include "gtest/gtest.h"

namespace polystep::client {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
const LeaseBook::Clock::time_point kStart = LeaseBook::Clock::time_point() + seconds(1000);

v1::Lease MakeLease(const std::string& token, uint32_t first, uint32_t count, int64_t step = 3) {
  v1::Lease lease;
  lease.set_token(token);
  lease.set_step(step);
  lease.set_first_index(first);
  lease.set_count(count);
  lease.mutable_ttl()->set_seconds(60);
  return lease;
}

class LeaseBookTest : public ::testing::Test {
 protected:
  void Answer(uint32_t max_count, LeaseBook::Clock::time_point now = kStart) {
    LeaseBook::Work work = *book_.Start(max_count);
    book_.Finish(work, std::vector<EvaluationResult>(work.count, 1.0), now);
  }
  LeaseBook book_{LeaseBook::Options{}};
};

TEST_F(LeaseBookTest, Start_GivesOldestFirstInIndexOrder) {
  book_.Add(MakeLease("a", 10, 3), kStart);
  book_.Add(MakeLease("b", 20, 2), kStart);
  EXPECT_EQ(book_.unstarted(), 5u);
  LeaseBook::Work first = *book_.Start(2);
  EXPECT_EQ(first.offset, 0u);
  EXPECT_EQ(first.count, 2u);
  EXPECT_EQ(book_.Start(2)->count, 1u) << "work does not cross leases";
  EXPECT_EQ(book_.Start(9)->lease->token(), "b");
  EXPECT_FALSE(book_.Start(1).has_value());
}

TEST_F(LeaseBookTest, Add_SameTokenAgain_IsOneLease) {
  book_.Add(MakeLease("a", 0, 3), kStart);
  book_.Add(MakeLease("a", 0, 3), kStart);
  EXPECT_EQ(book_.unstarted(), 3u);
}

TEST_F(LeaseBookTest, TakeTell_WaitsForTheLeaseOrTheInterval) {
  book_.Add(MakeLease("a", 5, 3), kStart);
  Answer(1);
  EXPECT_FALSE(book_.TakeTell(kStart + milliseconds(999), false).has_value());
  EXPECT_EQ(book_.NextDue(), kStart + seconds(1));
  std::optional<LeaseBook::Batch> batch = book_.TakeTell(kStart + seconds(1), false);
  ASSERT_TRUE(batch.has_value());
  EXPECT_EQ(batch->request.slices(0).first_index(), 5u);
  Answer(2);
  EXPECT_FALSE(book_.TakeTell(kStart, true).has_value()) << "one tell of a lease at a time";
  book_.Told(batch->lease_id, {}, kStart);
  batch = book_.TakeTell(kStart, false);
  ASSERT_TRUE(batch.has_value()) << "a finished lease is told at once";
  EXPECT_EQ(batch->request.slices(0).losses_size(), 2);
  book_.Told(batch->lease_id, {}, kStart);
  EXPECT_TRUE(book_.empty());
}

TEST_F(LeaseBookTest, TakeTell_Violations_StandBesideTheirLosses) {
  book_.Add(MakeLease("a", 0, 4), kStart);
  std::optional<LeaseBook::Work> work = book_.Start(4);
  book_.Finish(*work, {{1.0}, EvaluationResult::Infeasible("no"), {3.0, 0.5}, {4.0}}, kStart);
  std::optional<LeaseBook::Batch> batch = book_.TakeTell(kStart, false);
  ASSERT_TRUE(batch.has_value());
  const auto& violations = batch->request.slices(0).violations();
  EXPECT_EQ(std::vector<double>(violations.begin(), violations.end()),
            (std::vector<double>{0.0, 0.0, 0.5, 0.0}));
  EXPECT_EQ(batch->request.slices(0).losses_size(), 4);
}

TEST_F(LeaseBookTest, TakeTell_LongRuns_AreSplit) {
  book_.Add(MakeLease("a", 0, 10'000), kStart);
  LeaseBook::Work work = *book_.Start(10'000);
  book_.Finish(work,
               std::vector<EvaluationResult>(work.count,
                                             EvaluationResult::Infeasible(std::string(1000, 'x'))),
               kStart);
  int tells = 0;
  while (std::optional<LeaseBook::Batch> batch = book_.TakeTell(kStart, false)) {
    EXPECT_LT(batch->request.ByteSizeLong(), 1u << 20);
    book_.Told(batch->lease_id, {}, kStart);
    ++tells;
  }
  EXPECT_EQ(tells, 3);
  EXPECT_TRUE(book_.empty());
}

TEST_F(LeaseBookTest, Slices_FollowRunsOfIndices) {
  book_.Add(MakeLease("a", 0, 5), kStart);
  LeaseBook::Work first = *book_.Start(1);
  LeaseBook::Work second = *book_.Start(1);
  LeaseBook::Work rest = *book_.Start(3);
  book_.Finish(rest, {2.0, EvaluationResult::Infeasible("x"), 4.0}, kStart);
  book_.Finish(first, {0.0}, kStart);
  v1::TellRequest request = book_.TakeTell(kStart, true)->request;
  ASSERT_EQ(request.slices_size(), 2);
  EXPECT_EQ(request.slices(0).losses_size(), 1);
  EXPECT_EQ(request.slices(1).first_index(), 2u);
  EXPECT_EQ(request.slices(1).losses_size(), 3);
  EXPECT_EQ(request.slices(1).failures(0).index(), 3u);
  book_.Finish(second, {1.0}, kStart);
}

TEST_F(LeaseBookTest, Told_StepCommitted_ForgetsTheLease) {
  book_.Add(MakeLease("a", 0, 4, /*step=*/3), kStart);
  Answer(1);
  LeaseBook::Work running = *book_.Start(1);
  LeaseBook::Batch batch = *book_.TakeTell(kStart, true);
  v1::TellResponse response;
  response.set_committed_step(4);
  book_.Told(batch.lease_id, response, kStart);
  EXPECT_TRUE(book_.empty());
  EXPECT_TRUE(running.stop.stop_requested());
  book_.Finish(running, {1.0}, kStart);  // too late, and harmless
}

TEST_F(LeaseBookTest, TakeRenewals_AfterAThirdOfTheTtl) {
  book_.Add(MakeLease("a", 0, 1), kStart);
  book_.Start(1);
  EXPECT_EQ(book_.NextDue(), kStart + seconds(20));
  EXPECT_TRUE(book_.TakeRenewals(kStart + seconds(19)).empty());
  EXPECT_EQ(book_.TakeRenewals(kStart + seconds(20)), (LeaseBook::Tokens{{"", {"a"}}}));
  EXPECT_TRUE(book_.TakeRenewals(kStart + seconds(39)).empty());
}

TEST_F(LeaseBookTest, TakeIdle_OnlyWhatWasNeverStarted) {
  book_.Add(MakeLease("a", 0, 2), kStart);
  book_.Add(MakeLease("b", 2, 2), kStart);
  book_.Start(1);
  EXPECT_TRUE(book_.TakeIdle(kStart + milliseconds(999)).empty());
  EXPECT_EQ(book_.TakeIdle(kStart + seconds(1)), (LeaseBook::Tokens{{"", {"b"}}}));
  EXPECT_EQ(book_.unstarted(), 1u);
}

TEST_F(LeaseBookTest, Abandoned_LeaseIsKeptUntilReleased) {
  book_.Add(MakeLease("a", 0, 1), kStart);
  LeaseBook::Work work = *book_.Start(1);
  book_.Finish(work, {EvaluationResult::Abandoned()}, kStart);
  EXPECT_EQ(book_.TakeAll(), (LeaseBook::Tokens{{"", {"a"}}}));
  EXPECT_TRUE(book_.empty());
}

TEST(PaceTest, AskTime_ByWhatSlotsDo) {
  Pace pace(2);
  EXPECT_EQ(pace.AskTime(0, kStart), Pace::Clock::time_point::min()) << "idle slots";
  pace.Started(0, 1, kStart);
  pace.Started(1, 1, kStart);
  EXPECT_EQ(pace.AskTime(0, kStart), Pace::Clock::time_point::max()) << "nothing known yet";
  pace.Finished(0, kStart + seconds(10));
  EXPECT_GT(pace.AskTime(1, kStart), kStart) << "enough for the idle slot";
}

TEST(PaceTest, AskTime_AllBusy_ShortlyBeforeTheyRunDry) {
  Pace pace(1);
  pace.Started(0, 1, kStart);
  pace.Finished(0, kStart + seconds(10));
  auto now = kStart + seconds(10);
  pace.Started(0, 1, now);
  auto ask = pace.AskTime(0, now);
  EXPECT_LT(ask, now + seconds(10));
  EXPECT_GT(ask, now + seconds(9));
  EXPECT_GT(pace.AskTime(3, now), now + seconds(39)) << "with work for three more";
  pace.HeldForNothing();
  EXPECT_EQ(pace.AskTime(0, now), Pace::Clock::time_point::max());
  pace.Finished(0, now);
  EXPECT_EQ(pace.AskTime(0, now), Pace::Clock::time_point::min()) << "idle: ask";
}

v1::StudySpec TypedSpec() {
  v1::StudySpec spec;
  for (const char* name : {"r", "i", "d", "c", "b"}) spec.add_parameters()->set_name(name);
  v1::TensorSpec* tensor = spec.add_tensors();
  tensor->set_name("w");
  tensor->add_shape(2);
  tensor->add_shape(2);
  return spec;
}

v1::Lease TypedLease() {
  v1::Lease lease = MakeLease("t", 7, 2);
  lease.set_evaluation_seed(99);
  lease.set_purpose(v1::Lease::SCORE);
  auto column = [&](const char* name) {
    v1::Column* added = lease.mutable_named()->add_columns();
    added->set_name(name);
    return added;
  };
  v1::Column* real = column("r");
  v1::Column* integer = column("i");
  v1::Column* discrete = column("d");
  v1::Column* categorical = column("c");
  v1::Column* boolean = column("b");
  v1::Column* tensor = column("w");
  for (int i = 0; i < 2; ++i) {
    real->mutable_real()->add_values(0.5 + i);
    integer->mutable_integer()->add_values(-1 - i);
    discrete->mutable_discrete()->add_values(100 * (i + 1));
    categorical->mutable_categorical()->add_values(i == 0 ? "left" : "right");
    boolean->mutable_boolean()->add_values(i == 1);
    for (int j = 0; j < 4; ++j) tensor->mutable_tensor()->add_values(static_cast<float>(4 * i + j));
  }
  return lease;
}

TEST(LeaseDecoder, Named_EveryType) {
  LeaseDecoder decoder(TypedSpec());
  v1::Lease lease = TypedLease();
  ASSERT_TRUE(decoder.Check(lease).ok());
  Candidate candidate = decoder.Decode(std::make_shared<v1::Lease>(lease), nullptr, 1, 1).front();
  EXPECT_EQ(candidate.index, 8u);
  EXPECT_EQ(candidate.evaluation_seed, 99u);
  EXPECT_EQ(candidate.purpose, Purpose::kScore);
  EXPECT_EQ(*candidate.Real("r"), 1.5);
  EXPECT_EQ(*candidate.Integer("i"), -2);
  EXPECT_EQ(*candidate.Real("i"), -2.0);
  EXPECT_EQ(*candidate.Real("d"), 200.0);
  EXPECT_EQ(*candidate.Categorical("c"), "right");
  EXPECT_TRUE(*candidate.Boolean("b"));
  EXPECT_EQ(candidate.tensors[0].shape, (std::vector<int64_t>{2, 2}));
  EXPECT_EQ((*candidate.Values("w"))[3], 7.0f);
  EXPECT_FALSE(candidate.Real("nothing").ok());
  EXPECT_FALSE(candidate.Integer("r").ok());
}

TEST(LeaseDecoder, Check_RefusesWhatDoesNotFitTheSpec) {
  LeaseDecoder decoder(TypedSpec());
  v1::Lease short_column = TypedLease();
  short_column.mutable_named()->mutable_columns(0)->mutable_real()->mutable_values()->RemoveLast();
  v1::Lease no_column = TypedLease();
  no_column.mutable_named()->mutable_columns()->RemoveLast();
  v1::Lease short_tensor = TypedLease();
  short_tensor.mutable_named()
      ->mutable_columns(5)
      ->mutable_tensor()
      ->mutable_values()
      ->RemoveLast();
  v1::Lease wrong_tensor = TypedLease();
  wrong_tensor.mutable_named()->mutable_columns(5)->set_name("v");
  v1::Lease block = MakeLease("t", 0, 1);
  block.mutable_block();
  for (const v1::Lease& lease : {short_column, no_column, short_tensor, wrong_tensor, block}) {
    EXPECT_FALSE(decoder.Check(lease).ok());
  }
}

TEST(LeaseDecoder, Dense_TensorsInTheOrderOfTheSpec) {
  v1::StudySpec spec;
  for (const char* name : {"a", "b"}) {
    v1::TensorSpec* tensor = spec.add_tensors();
    tensor->set_name(name);
    tensor->add_shape(2);
  }
  LeaseDecoder decoder(spec);
  EXPECT_EQ(decoder.encodings(), std::vector<v1::AskRequest::Encoding>{v1::AskRequest::DENSE});
  v1::Lease lease = MakeLease("t", 0, 2);
  for (int i = 0; i < 8; ++i) lease.mutable_dense()->add_values(static_cast<float>(i));
  ASSERT_TRUE(decoder.Check(lease).ok());
  Candidate candidate = decoder.Decode(std::make_shared<v1::Lease>(lease), nullptr, 1, 1).front();
  EXPECT_EQ(candidate.tensors[0].values, (std::vector<float>{4, 5}));
  EXPECT_EQ(candidate.tensors[1].values, (std::vector<float>{6, 7}));
  lease.mutable_dense()->mutable_values()->RemoveLast();
  EXPECT_FALSE(decoder.Check(lease).ok());
}

}  // namespace
}  // namespace polystep::client
