// An engine on virtual time and a store that can crash, for tests that drive it call by call.
#ifndef POLYSTEP_TESTS_UNIT_SERVER_ENGINE_ENGINE_FIXTURE_H_
#define POLYSTEP_TESTS_UNIT_SERVER_ENGINE_ENGINE_FIXTURE_H_

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/engine/engine.h"
#include "tests/sim/crashable_storage.h"
#include "tests/sim/sim_executor.h"

namespace polystep {

class EngineTest : public testing::Test {
 protected:
  template <class T>
  using Call = std::function<void(Callback<T>)>;

  EngineTest() { StartEngine(); }

  void StartEngine() {
    Engine::Options options;
    options.max_waiters = 8;
    options.max_studies = 3;
    options.max_upload_bytes = 48;
    options.random_bytes = [this](size_t count) { return executor_.Bytes(count); };
    engine_ = std::make_unique<Engine>(options, &executor_, &executor_, &storage_);
    recovered_ = engine_->Recover();
  }

  void Restart() {
    engine_.reset();
    storage_.Crash();
    StartEngine();
    Run(absl::Milliseconds(20));
  }

  // Everything due within `duration` of virtual time.
  void Run(absl::Duration duration) {
    absl::Duration end = executor_.Monotonic() + duration;
    bool over = false;
    executor_.PostAfter(duration, [&over] { over = true; });
    while (!over && executor_.RunOne()) {
    }
    EXPECT_GE(executor_.Monotonic(), end);
  }

  // Runs until the call is answered.
  template <class T>
  absl::StatusOr<T> Await(const Call<T>& call) {
    auto answer = std::make_shared<std::optional<absl::StatusOr<T>>>();
    call([answer](absl::StatusOr<T> result) { *answer = std::move(result); });
    for (int i = 0; i < 100'000 && !answer->has_value() && executor_.RunOne(); ++i) {
    }
    if (!answer->has_value()) return absl::InternalError("never answered");
    return std::move(**answer);
  }

  // Two reals in a population of three: a step of 12 evaluations or so.
  static CreateStudyParams Params(std::string id = "study") {
    CreateStudyParams params;
    params.id = std::move(id);
    RealDomain domain;
    domain.min = -1.0;
    domain.max = 1.0;
    params.spec.search.parameters = {{"x", domain}, {"y", domain}};
    params.spec.search.optimizer.method = Method::kPopulation;
    params.spec.search.optimizer.particles = 3;
    params.spec.search.seed = 7;
    params.spec.seed_given = true;
    return params;
  }

  absl::StatusOr<StudyView> Create(CreateStudyParams params) {
    return Await<StudyView>(
        [&](Callback<StudyView> done) { engine_->CreateStudy(params, std::move(done)); });
  }
  absl::StatusOr<StudyView> Get(std::string id = "study") {
    return Await<StudyView>(
        [&](Callback<StudyView> done) { engine_->GetStudy(id, std::move(done)); });
  }
  using Verb = void (Engine::*)(std::string, Callback<StudyView>);
  absl::StatusOr<StudyView> Control(Verb verb, std::string id = "study") {
    return Await<StudyView>(
        [&](Callback<StudyView> done) { (engine_.get()->*verb)(id, std::move(done)); });
  }
  absl::StatusOr<StudyView> Update(UpdateStudyParams params) {
    params.id = "study";
    return Await<StudyView>(
        [&](Callback<StudyView> done) { engine_->UpdateStudy(params, std::move(done)); });
  }

  static AskParams AskOf(std::string worker, uint32_t count = 100) {
    AskParams params;
    params.study = "study";
    params.worker = std::move(worker);
    params.max_evaluations = count;
    return params;
  }
  absl::StatusOr<AskResult> Ask(AskParams params) {
    return Await<AskResult>([&](Callback<AskResult> done) {
      engine_->Ask(
          params, [] { return false; }, std::move(done));
    });
  }
  LeaseGrant MustLease(AskParams params) {
    absl::StatusOr<AskResult> result = Ask(std::move(params));
    EXPECT_TRUE(result.ok()) << result.status();
    EXPECT_TRUE(result.ok() && result->lease.has_value());
    return result.ok() && result->lease ? *result->lease : LeaseGrant{};
  }

  static TellParams TellOf(const LeaseGrant& lease, double loss = 1.0) {
    TellParams params;
    params.study = "study";
    params.token = lease.token;
    params.step = lease.step;
    params.slices.push_back({lease.first_index, std::vector<double>(lease.count, loss), {}});
    return params;
  }
  absl::StatusOr<TellResult> Tell(TellParams params) {
    return Await<TellResult>([&](Callback<TellResult> done) {
      engine_->Tell(
          params, [] { return false; }, std::move(done));
    });
  }
  absl::StatusOr<std::vector<RenewResult>> Renew(std::vector<std::string> tokens) {
    return Await<std::vector<RenewResult>>([&](Callback<std::vector<RenewResult>> done) {
      engine_->Renew("study", tokens, std::move(done));
    });
  }
  absl::Status Release(std::vector<std::string> tokens) {
    return Await<std::monostate>([&](Callback<std::monostate> done) {
             engine_->Release("study", tokens, std::move(done));
           })
        .status();
  }
  // Answers steps, with losses that differ, until `step` is open.
  void CloseStepsUpTo(int64_t step) {
    for (int i = 0; i < 1000; ++i) {
      absl::StatusOr<AskResult> result = Ask(AskOf("closer"));
      if (!result.ok() || !result->lease || result->lease->step >= step) {
        if (result.ok() && result->lease) {
          EXPECT_TRUE(Release({result->lease->token}).ok());
        }
        return;
      }
      TellParams tell = TellOf(*result->lease);
      for (size_t n = 0; n < tell.slices[0].losses.size(); ++n) {
        tell.slices[0].losses[n] = 0.5 + 0.1 * static_cast<double>(n % 7);
      }
      EXPECT_TRUE(Tell(tell).ok());
    }
  }

  SimExecutor executor_{11};
  CrashableStorage storage_{{.seed = 5, .max_queued_units = 4096}, &executor_};
  std::unique_ptr<Engine> engine_;
  absl::Status recovered_;
};

}  // namespace polystep

#endif  // POLYSTEP_TESTS_UNIT_SERVER_ENGINE_ENGINE_FIXTURE_H_
