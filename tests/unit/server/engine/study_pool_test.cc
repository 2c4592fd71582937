// One pool of workers for many studies, call by call: which study an ask is served from.
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "core/base/field_error.h"
#include "server/engine/limits.h"
#include "server/engine/status.h"
#include "tests/unit/server/engine/engine_fixture.h"

namespace polystep {
namespace {

class StudyPoolTest : public EngineTest {
 protected:
  using Answer = std::shared_ptr<std::optional<absl::StatusOr<AskResult>>>;

  void MakeStudy(std::string id, std::map<std::string, std::string> labels = {}) {
    CreateStudyParams params = Params(std::move(id));
    params.labels = std::move(labels);
    EXPECT_TRUE(Create(params).ok());
  }

  static AskParams AnyOf(std::string worker, uint32_t count = 100) {
    AskParams params = AskOf(std::move(worker), count);
    params.study = kAnyStudy;
    return params;
  }

  Answer Hold(
      AskParams params, std::function<bool()> cancelled = [] { return false; }) {
    params.wait = absl::Seconds(30);
    auto answer = std::make_shared<std::optional<absl::StatusOr<AskResult>>>();
    engine_->Ask(std::move(params), std::move(cancelled),
                 [answer](absl::StatusOr<AskResult> result) { *answer = std::move(result); });
    Run(absl::Milliseconds(5));
    return answer;
  }

  static TellParams TellTo(const LeaseGrant& lease) {
    TellParams params = TellOf(lease);
    params.study = lease.study;
    return params;
  }

  absl::StatusOr<StudyView> Label(std::string id, std::map<std::string, std::string> labels) {
    UpdateStudyParams params;
    params.id = std::move(id);
    params.labels = std::move(labels);
    return Await<StudyView>(
        [&](Callback<StudyView> done) { engine_->UpdateStudy(params, std::move(done)); });
  }
};

TEST_F(StudyPoolTest, EqualStudies_GetLeasesInTurn) {
  for (const char* id : {"a", "b", "c"}) MakeStudy(id);
  std::map<std::string, int> leases;
  for (int i = 0; i < 9; ++i) ++leases[MustLease(AnyOf("w", 1)).study];
  EXPECT_EQ(leases, (std::map<std::string, int>{{"a", 3}, {"b", 3}, {"c", 3}}));
}

TEST_F(StudyPoolTest, StudyWithFewerLeasesOut_IsServedFirst) {
  MakeStudy("a");
  MakeStudy("b");
  AskParams named = AskOf("own", 1);
  named.study = "a";
  for (int i = 0; i < 3; ++i) MustLease(named);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(MustLease(AnyOf("w", 1)).study, "b");
  EXPECT_NE(MustLease(AnyOf("w", 1)).study, MustLease(AnyOf("w", 1)).study);
}

TEST_F(StudyPoolTest, Labels_SelectStudiesThatHaveAllOfThem) {
  MakeStudy("a", {{"team", "optics"}});
  MakeStudy("b", {{"team", "optics"}, {"queue", "night"}});
  AskParams params = AnyOf("w", 1);
  params.labels = {{"team", "optics"}, {"queue", "night"}};
  for (int i = 0; i < 4; ++i) EXPECT_EQ(MustLease(params).study, "b");
  params.labels = {{"team", "acoustics"}};
  absl::StatusOr<AskResult> none = Ask(params);
  ASSERT_TRUE(none.ok());
  EXPECT_FALSE(none->lease.has_value());
  EXPECT_EQ(none->study_state, StudyState::kActive);
  EXPECT_EQ(none->retry_delay, absl::Seconds(1));
}

TEST_F(StudyPoolTest, HeldPoll_IsServedWhenAStudyIsMadeLabelledOrResumed) {
  AskParams params = AnyOf("w", 1);
  Answer made = Hold(params);
  EXPECT_FALSE(made->has_value());
  MakeStudy("a");
  Run(absl::Milliseconds(5));
  ASSERT_TRUE(made->has_value() && (*made)->ok() && (**made)->lease);
  EXPECT_EQ((**made)->lease->study, "a");

  params.labels = {{"queue", "night"}};
  Answer labelled = Hold(params);
  EXPECT_FALSE(labelled->has_value());
  ASSERT_TRUE(Label("a", {{"queue", "night"}}).ok());
  Run(absl::Milliseconds(5));
  ASSERT_TRUE(labelled->has_value() && (*labelled)->ok() && (**labelled)->lease);

  ASSERT_TRUE(Control(&Engine::PauseStudy, "a").ok());
  Answer paused = Hold(params);
  EXPECT_FALSE(paused->has_value());
  ASSERT_TRUE(Control(&Engine::ResumeStudy, "a").ok());
  Run(absl::Milliseconds(5));
  ASSERT_TRUE(paused->has_value() && (*paused)->ok() && (**paused)->lease);
}

TEST_F(StudyPoolTest, HeldPolls_AreServedInTheirOrderWhenAStepOpens) {
  MakeStudy("a");
  LeaseGrant all = MustLease(AnyOf("w"));
  std::vector<LeaseGrant> rest;
  while (true) {
    absl::StatusOr<AskResult> more = Ask(AnyOf("w"));
    ASSERT_TRUE(more.ok());
    if (!more->lease) break;
    rest.push_back(*more->lease);
  }
  Answer first = Hold(AnyOf("v", 1));
  Answer second = Hold(AnyOf("u", 1));
  EXPECT_FALSE(first->has_value() || second->has_value());
  ASSERT_TRUE(Tell(TellTo(all)).ok());
  for (const LeaseGrant& lease : rest) ASSERT_TRUE(Tell(TellTo(lease)).ok());
  Run(absl::Milliseconds(5));
  ASSERT_TRUE(first->has_value() && second->has_value());
  EXPECT_EQ((**first)->lease->first_index, 0u);
  EXPECT_EQ((**second)->lease->first_index, 1u);
}

TEST_F(StudyPoolTest, RequestIdAskedTwice_OneLease) {
  MakeStudy("a");
  MakeStudy("b");
  AskParams params = AnyOf("w", 2);
  params.request_id = "r";
  LeaseGrant lease = MustLease(params);
  MustLease(AnyOf("v", 1));
  EXPECT_EQ(MustLease(params).token, lease.token);
}

TEST_F(StudyPoolTest, RequestIdHeldTwice_OneLease) {
  AskParams params = AnyOf("w", 2);
  params.request_id = "r";
  Answer first = Hold(params);
  Answer second = Hold(params);
  MakeStudy("a");
  MakeStudy("b");
  Run(absl::Milliseconds(50));
  ASSERT_TRUE(first->has_value() && second->has_value());
  EXPECT_EQ((**first)->lease->token, (**second)->lease->token);
}

TEST_F(StudyPoolTest, RequestIdOfAJournaledLease_SurvivesARestart) {
  MakeStudy("a");
  MakeStudy("b");
  MustLease(AnyOf("v", 1));
  AskParams params = AnyOf("w", 2);
  params.request_id = "r";
  params.lease_ttl = absl::Hours(1);
  LeaseGrant lease = MustLease(params);
  Run(absl::Seconds(1));
  Restart();
  EXPECT_EQ(MustLease(params).token, lease.token);
}

TEST_F(StudyPoolTest, CancelledPoll_GetsNoLease) {
  bool gone = false;
  Answer answer = Hold(AnyOf("w", 1), [&gone] { return gone; });
  gone = true;
  MakeStudy("a");
  Run(absl::Milliseconds(5));
  ASSERT_TRUE(answer->has_value());
  EXPECT_TRUE(absl::IsCancelled((*answer)->status()));
  EXPECT_EQ(MustLease(AnyOf("v", 1)).first_index, 0u);
}

TEST_F(StudyPoolTest, HeldPoll_EndsWithItsWait) {
  Answer answer = Hold(AnyOf("w", 1));
  Run(absl::Seconds(29));
  EXPECT_FALSE(answer->has_value());
  Run(absl::Seconds(2));
  ASSERT_TRUE(answer->has_value());
  ASSERT_TRUE((*answer)->ok());
  EXPECT_FALSE((**answer)->lease.has_value());
}

TEST_F(StudyPoolTest, WaitersBeyondTheLimit_AreRefused) {
  std::vector<Answer> held;
  for (int i = 0; i < 8; ++i) held.push_back(Hold(AnyOf("w", 1)));
  for (const Answer& answer : held) EXPECT_FALSE(answer->has_value());
  Answer over = Hold(AnyOf("w", 1));
  ASSERT_TRUE(over->has_value());
  EXPECT_TRUE(absl::IsResourceExhausted((*over)->status()));
  Run(absl::Seconds(31));
  EXPECT_FALSE(Hold(AnyOf("w", 1))->has_value());
}

TEST_F(StudyPoolTest, TellOfOneStudy_AsksAnyForMore) {
  MakeStudy("a");
  MakeStudy("b");
  LeaseGrant lease = MustLease(AnyOf("w", 2));
  MustLease(AnyOf("v", 1));
  TellParams tell = TellTo(lease);
  tell.next = AnyOf("w", 1);
  absl::StatusOr<TellResult> result = Tell(tell);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->accepted, 2u);
  ASSERT_TRUE(result->next && result->next->lease);
  EXPECT_EQ(result->next->lease->study, lease.study) << "the other one has a lease out";
  tell.next->study = lease.study == "a" ? "b" : "a";
  EXPECT_TRUE(absl::IsInvalidArgument(Tell(tell).status()));
}

TEST_F(StudyPoolTest, StudyTheWorkerCannotRead_IsPassedOver) {
  MakeStudy("a");
  CreateStudyParams dense = Params("b");
  dense.spec.search.parameters.clear();
  TensorSpec tensor;
  tensor.name = "w";
  tensor.shape = {4};
  dense.spec.search.tensors = {tensor};
  dense.spec.search.optimizer = {};
  ASSERT_TRUE(Create(dense).ok());
  AskParams params = AnyOf("w", 1);
  params.encodings = {Encoding::kDense};
  EXPECT_EQ(MustLease(params).study, "b");
}

TEST_F(StudyPoolTest, SlowLease_IsBackedUpForAWaitingWorker) {
  MakeStudy("a");
  LeaseGrant warm = MustLease(AnyOf("v", 1));
  Run(absl::Milliseconds(10));
  ASSERT_TRUE(Tell(TellTo(warm)).ok());
  LeaseGrant slow;
  while (true) {
    absl::StatusOr<AskResult> more = Ask(AnyOf("slow"));
    ASSERT_TRUE(more.ok());
    if (!more->lease) break;
    slow = *more->lease;
  }
  Answer answer = Hold(AnyOf("v"));
  EXPECT_FALSE(answer->has_value());
  Run(absl::Seconds(3));
  ASSERT_TRUE(answer->has_value() && (*answer)->ok() && (**answer)->lease);
  EXPECT_TRUE((**answer)->lease->backup);
}

TEST_F(StudyPoolTest, Drain_AnswersHeldPolls) {
  Answer answer = Hold(AnyOf("w", 1));
  engine_->Drain([](absl::Status) {});
  Run(absl::Milliseconds(50));
  ASSERT_TRUE(answer->has_value());
  EXPECT_TRUE(absl::IsUnavailable((*answer)->status()));
  EXPECT_TRUE(absl::IsUnavailable(Ask(AnyOf("w", 1)).status()));
}

TEST_F(StudyPoolTest, BadAsk_IsRefusedWithItsField) {
  AskParams params = AnyOf(std::string(limits::kWorker + 1, 'w'));
  EXPECT_EQ(GetFieldViolation(Ask(params).status())->field, "worker");
  params = AnyOf("w");
  for (size_t i = 0; i <= limits::kLabels; ++i) params.labels[absl::StrCat("k", i)];
  EXPECT_EQ(GetFieldViolation(Ask(params).status())->field, "labels");
}

TEST_F(StudyPoolTest, DeletedStudy_IsNotServed) {
  MakeStudy("a");
  MakeStudy("b");
  ASSERT_TRUE(Await<std::monostate>([&](Callback<std::monostate> done) {
                engine_->DeleteStudy("a", "", std::move(done));
              }).ok());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(MustLease(AnyOf("w", 1)).study, "b");
}

// Workers that serve whatever comes, until all studies have ended.
class PoolWorker {
 public:
  PoolWorker(Engine* engine, SimExecutor* executor, std::string name)
      : engine_(engine), executor_(executor), name_(std::move(name)) {}

  void Ask() {
    AskParams params;
    params.study = kAnyStudy;
    params.worker = name_;
    params.wait = absl::Seconds(5);
    params.request_id = absl::StrCat(name_, "/", asks_++);
    engine_->Ask(
        params, [] { return false; },
        [this](absl::StatusOr<AskResult> result) { Take(std::move(result)); });
  }

 private:
  void Take(absl::StatusOr<AskResult> result) {
    const absl::Duration pause = executor_->Between(0.0, 0.2);
    if (!result.ok() || !result->lease || executor_->Chance(0.05)) {  // the last one dies
      return executor_->PostAfter(pause, [this] { Ask(); });
    }
    executor_->PostAfter(pause, [this, lease = *std::move(result->lease)] { Tell(lease); });
  }

  void Tell(const LeaseGrant& lease) {
    TellParams tell;
    tell.study = lease.study;
    tell.token = lease.token;
    tell.step = lease.step;
    LossSlice& slice = tell.slices.emplace_back();
    slice.first_index = lease.first_index;
    for (size_t i = 0; i < lease.coordinates.size(); i += 2) {
      const double x = lease.coordinates[i] - 0.3, y = lease.coordinates[i + 1] - 0.8;
      slice.losses.push_back(x * x + y * y);
    }
    engine_->Tell(
        tell, [] { return false; }, [this](absl::StatusOr<TellResult>) { Ask(); });
  }

  Engine* const engine_;
  SimExecutor* const executor_;
  const std::string name_;
  int asks_ = 0;
};

TEST_F(StudyPoolTest, ManyWorkersThatDie_TheDigestsOfOne) {
  std::map<std::string, std::string> digests;
  for (int crew : {1, 7}) {
    std::vector<std::unique_ptr<PoolWorker>> workers;
    for (const char* id : {"a", "b", "c"}) {
      CreateStudyParams params = Params(id);
      params.spec.search.seed = static_cast<uint64_t>(id[0]);
      params.spec.stop.max_steps = 4;
      ASSERT_TRUE(Create(params).ok());
    }
    for (int i = 0; i < crew; ++i) {
      workers.push_back(
          std::make_unique<PoolWorker>(engine_.get(), &executor_, absl::StrCat("w", i)));
      workers.back()->Ask();
    }
    Run(absl::Minutes(30));
    for (const char* id : {"a", "b", "c"}) {
      absl::StatusOr<StudyView> view = Get(id);
      ASSERT_TRUE(view.ok());
      EXPECT_EQ(view->state, StudyState::kSucceeded) << id;
      auto [known, is_new] = digests.try_emplace(id, view->trajectory_digest);
      EXPECT_EQ(known->second, view->trajectory_digest) << id;
      ASSERT_TRUE(Await<std::monostate>([&](Callback<std::monostate> done) {
                    engine_->DeleteStudy(id, "", std::move(done));
                  }).ok());
    }
    engine_->Drain([](absl::Status) {});
    Restart();
  }
}

}  // namespace
}  // namespace polystep
