// The worker loop against a scripted server: what it asks, tells, renews and gives back, and when.
#include "client/cpp/worker.h"

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <stdexcept>
#include <thread>

#include "absl/strings/cord.h"
#include "client/cpp/retry.h"
#include "google/rpc/error_details.pb.h"
#include "gtest/gtest.h"
#include "tests/unit/client/fake_transport.h"

namespace polystep::client {
namespace {

class WorkerTest : public ::testing::Test {
 protected:
  // Runs a worker whose evaluator is `evaluate`, on this thread.
  WorkerSummary Run(Evaluator evaluate, WorkerOptions options = {}) {
    options.batch_size = 1;
    RetryOptions retry;
    retry.initial_delay = absl::Milliseconds(1);
    retry.max_delay = absl::Milliseconds(2);
    return RunWorker(MakeRetryingTransport(fake_, retry), "studies/s",
                     OneByOne(std::move(evaluate)), std::move(options));
  }

  // The loss of candidate `x`, which is its index.
  static double Loss(const Candidate& candidate) { return 10.0 * *candidate.Real("x"); }

  bool Called(const std::string& method, int times) {
    return fake_->WaitUntil([&](FakeTransport& fake) { return fake.calls[method] >= times; });
  }
  bool WasReleased(const std::string& token) {
    return fake_->WaitUntil([&](FakeTransport& fake) {
      return std::find(fake.released.begin(), fake.released.end(), token) != fake.released.end();
    });
  }

  std::shared_ptr<FakeTransport> fake_ = std::make_shared<FakeTransport>();
};

TEST_F(WorkerTest, Leases_AreAnsweredByIndexUntilTheStudyEnds) {
  for (uint32_t first : {0u, 4u, 8u}) fake_->AddLease(0, first, 4);
  fake_->EndAfter(12);
  std::atomic<int> most_slot{0};
  WorkerSummary summary = Run(
      [&](const Candidate& candidate, const EvaluationContext& context) {
        most_slot = std::max(most_slot.load(), context.slot);
        return Loss(candidate);
      },
      {.slots = 3});
  EXPECT_TRUE(summary.status.ok()) << summary.status;
  EXPECT_EQ(summary.study_state, v1::Study::SUCCEEDED);
  EXPECT_EQ(summary.leases, 3);
  EXPECT_EQ(summary.evaluations, 12);
  EXPECT_EQ(summary.accepted, 12);
  EXPECT_LT(most_slot, 3);
  ASSERT_EQ(fake_->losses.size(), 12u);
  for (const auto& [index, loss] : fake_->losses) EXPECT_EQ(loss, 10.0 * index);
  for (const v1::AskRequest& ask : fake_->asks) {
    EXPECT_EQ(ask.worker(), fake_->asks[0].worker());
    EXPECT_FALSE(ask.request_id().empty());
  }
}

TEST_F(WorkerTest, Batches_GoToTheEvaluatorTogether) {
  fake_->AddLease(0, 0, 10);
  fake_->EndAfter(10);
  std::vector<size_t> sizes;
  WorkerSummary summary =
      RunWorker(fake_, "studies/s",
                [&](absl::Span<const Candidate> candidates, const EvaluationContext&) {
                  sizes.push_back(candidates.size());
                  std::vector<EvaluationResult> results;
                  for (const Candidate& candidate : candidates) results.push_back(Loss(candidate));
                  return results;
                },
                {.batch_size = 4});
  EXPECT_EQ(sizes, (std::vector<size_t>{4, 4, 2}));
  EXPECT_EQ(summary.accepted, 10);
}

TEST_F(WorkerTest, Slots_ShareALeaseThatIsSmallerThanTheirBatches) {
  fake_->AddLease(0, 0, 10);
  fake_->EndAfter(10);
  std::atomic<size_t> largest = 0;
  WorkerSummary summary =
      RunWorker(fake_, "studies/s",
                [&](absl::Span<const Candidate> candidates, const EvaluationContext&) {
                  if (candidates.size() > largest) largest = candidates.size();
                  std::vector<EvaluationResult> results;
                  for (const Candidate& candidate : candidates) results.push_back(Loss(candidate));
                  return results;
                },
                {.slots = 2, .batch_size = 64});
  EXPECT_EQ(largest, 5u);
  EXPECT_EQ(summary.accepted, 10);
}

// Answers its first tell once it has got another one.
class SlowToAnswer : public FakeTransport {
 public:
  absl::StatusOr<v1::TellResponse> Tell(const v1::TellRequest& request,
                                        const CallOptions& options) override {
    const int before = tells_.fetch_add(1);
    if (before == 0) {
      overtaken =
          another_.get_future().wait_for(std::chrono::seconds(10)) == std::future_status::ready;
    } else if (before == 1) {
      another_.set_value();
    }
    return FakeTransport::Tell(request, options);
  }

  std::atomic<bool> overtaken = false;

 private:
  std::atomic<int> tells_ = 0;
  std::promise<void> another_;
};

TEST_F(WorkerTest, AnswersOfALease_AreToldWhileThoseBeforeAreOnTheirWay) {
  auto slow = std::make_shared<SlowToAnswer>();
  fake_ = slow;
  fake_->AddLease(0, 0, 2);
  fake_->AddLease(0, 2, 2);
  fake_->EndAfter(4);
  WorkerSummary summary = Run([](const Candidate& c, const EvaluationContext&) { return Loss(c); });
  EXPECT_TRUE(slow->overtaken);
  EXPECT_EQ(summary.accepted, 4);
}

TEST_F(WorkerTest, Outage_IsSatOutAndNothingIsLost) {
  fake_->AddLease(0, 0, 4);
  fake_->EndAfter(4);
  fake_->SetFault([](const std::string& method, int call) {
    if (call <= 2) return absl::UnavailableError("restarting");
    return call == 3 && method != "GetStudy" ? absl::DeadlineExceededError("slow")
                                             : absl::OkStatus();
  });
  WorkerSummary summary = Run([](const Candidate& c, const EvaluationContext&) { return Loss(c); });
  EXPECT_TRUE(summary.status.ok()) << summary.status;
  EXPECT_EQ(fake_->losses.size(), 4u);
  ASSERT_GE(fake_->asks.size(), 4u);
  EXPECT_EQ(fake_->asks[0].request_id(), fake_->asks[3].request_id()) << "a retry keeps its id";
}

TEST_F(WorkerTest, NextLease_IsAskedForBeforeTheCurrentIsFinished) {
  fake_->AddLease(0, 0, 2);
  fake_->AddLease(0, 2, 2);
  fake_->EndAfter(4);
  WorkerSummary summary = Run([&](const Candidate& candidate, const EvaluationContext&) {
    if (candidate.index == 1) {
      EXPECT_TRUE(Called("Ask", 2)) << "the evaluator waited";
    }
    return Loss(candidate);
  });
  EXPECT_EQ(summary.accepted, 4);
}

TEST_F(WorkerTest, PrefetchedLease_NotStartedInTime_IsGivenBack) {
  fake_->AddLease(0, 0, 2);
  std::string held = fake_->AddLease(0, 2, 2);
  fake_->EndAfter(2);
  WorkerSummary summary = Run(
      [&](const Candidate& candidate, const EvaluationContext&) {
        if (candidate.index == 1) {
          EXPECT_TRUE(WasReleased(held)) << "held at a barrier";
        }
        return Loss(candidate);
      },
      {.idle_hold = absl::Milliseconds(10)});
  EXPECT_TRUE(summary.status.ok());
  EXPECT_FALSE(fake_->losses.contains(2));
}

TEST_F(WorkerTest, FinishedAnswers_AreToldWhileTheLeaseRuns) {
  fake_->AddLease(0, 0, 2);
  fake_->EndAfter(2);
  Run(
      [&](const Candidate& candidate, const EvaluationContext&) {
        if (candidate.index == 1) {
          EXPECT_TRUE(
              fake_->WaitUntil([](FakeTransport& fake) { return fake.losses.contains(0); }));
        }
        return Loss(candidate);
      },
      {.tell_interval = absl::Milliseconds(10)});
  EXPECT_EQ(fake_->tells.size(), 2u);
}

TEST_F(WorkerTest, SlowEvaluation_IsRenewed) {
  std::string token = fake_->AddLease(0, 0, 1, absl::Milliseconds(30));
  fake_->EndAfter(1);
  Run([&](const Candidate& candidate, const EvaluationContext&) {
    EXPECT_TRUE(fake_->WaitUntil([&](FakeTransport& fake) {
      return std::count(fake.renewed.begin(), fake.renewed.end(), token) >= 3;
    }));
    return Loss(candidate);
  });
  EXPECT_EQ(fake_->losses.size(), 1u);
}

TEST_F(WorkerTest, Stop_TellsWhatIsFinishedAndReleasesTheRest) {
  std::string token = fake_->AddLease(0, 0, 4);
  std::stop_source stop;
  WorkerSummary summary = Run(
      [&](const Candidate& candidate, const EvaluationContext& context) -> EvaluationResult {
        if (candidate.index == 0) return Loss(candidate);
        stop.request_stop();
        EXPECT_TRUE(context.stop.stop_requested());
        return EvaluationResult::Abandoned();
      },
      {.stop = stop.get_token()});
  EXPECT_TRUE(summary.status.ok());
  EXPECT_EQ(fake_->losses.size(), 1u);
  EXPECT_TRUE(fake_->losses.contains(0));
  EXPECT_EQ(fake_->released, std::vector<std::string>{token});
}

TEST_F(WorkerTest, Stop_WhileWaitingForWork_ReturnsAtOnce) {
  std::stop_source stop;
  std::thread stopper([&] {
    EXPECT_TRUE(Called("Ask", 1));
    stop.request_stop();
  });
  WorkerSummary summary = Run([](const Candidate& c, const EvaluationContext&) { return Loss(c); },
                              {.slots = 2, .stop = stop.get_token()});
  stopper.join();
  EXPECT_TRUE(summary.status.ok());
}

TEST_F(WorkerTest, NotNeeded_StopsWhatRunsAndSkipsTheRest) {
  fake_->AddLease(0, 0, 4);
  fake_->SetTellAnswer([&](const v1::TellRequest& request, v1::TellResponse& response) {
    if (request.slices(0).first_index() == 0) {
      v1::IndexRange* range = response.add_not_needed();
      range->set_first_index(1);
      range->set_count(2);
    } else {
      fake_->study.set_state(v1::Study::SUCCEEDED);
    }
  });
  std::vector<uint32_t> evaluated;
  Run(
      [&](const Candidate& candidate, const EvaluationContext& context) -> EvaluationResult {
        evaluated.push_back(candidate.index);
        if (candidate.index != 1) return Loss(candidate);
        std::promise<void> stopped;
        std::stop_callback on_stop(context.stop, [&] { stopped.set_value(); });
        EXPECT_EQ(stopped.get_future().wait_for(std::chrono::seconds(20)),
                  std::future_status::ready);
        return EvaluationResult::Abandoned();
      },
      {.tell_interval = absl::Milliseconds(1)});
  EXPECT_EQ(evaluated, (std::vector<uint32_t>{0, 1, 3}));
  EXPECT_FALSE(fake_->losses.contains(1));
}

TEST_F(WorkerTest, Fenced_LeaseIsDroppedAndWorkGoesOn) {
  fake_->AddLease(0, 0, 1);
  fake_->AddLease(0, 1, 1);
  fake_->SetFault([](const std::string& method, int call) {
    if (method != "Tell" || call != 1) return absl::OkStatus();
    absl::Status status = absl::FailedPreconditionError("another timeline");
    google::rpc::ErrorInfo info;
    info.set_reason("LEASE_FENCED");
    status.SetPayload("type.googleapis.com/google.rpc.ErrorInfo",
                      absl::Cord(info.SerializeAsString()));
    return status;
  });
  fake_->EndAfter(1);
  WorkerSummary summary = Run([](const Candidate& c, const EvaluationContext&) { return Loss(c); });
  EXPECT_TRUE(summary.status.ok());
  EXPECT_EQ(summary.fenced, 1);
  EXPECT_EQ(summary.accepted, 1);
}

TEST_F(WorkerTest, Failures_AreToldWithTheirReasons) {
  fake_->AddLease(0, 5, 3);
  fake_->EndAfter(3);
  WorkerSummary summary =
      Run([](const Candidate& candidate, const EvaluationContext&) -> EvaluationResult {
        if (candidate.index == 5) return EvaluationResult::Infeasible("no \xff convergence");
        if (candidate.index == 6) return EvaluationResult::Transient("license");
        return 1.0;
      });
  EXPECT_EQ(summary.infeasible, 1);
  EXPECT_EQ(summary.transient, 1);
  EXPECT_EQ(fake_->failures[5].kind(), v1::Failure::INFEASIBLE);
  EXPECT_EQ(fake_->failures[5].message(), "no ? convergence");
  EXPECT_EQ(fake_->failures[6].kind(), v1::Failure::TRANSIENT);
}

TEST_F(WorkerTest, UnsoundViolation_EndsTheWorker) {
  fake_->AddLease(0, 0, 4);
  WorkerSummary summary =
      Run([](const Candidate&, const EvaluationContext&) { return EvaluationResult(1.0, -0.5); });
  EXPECT_TRUE(summary.cannot_run);
  EXPECT_EQ(summary.status.message(), "the evaluator answered a violation of -0.5");
}

TEST_F(WorkerTest, Evaluator_ThatCannotRun_EndsTheWorkerAndReleases) {
  std::string token = fake_->AddLease(0, 0, 4);
  WorkerSummary summary = Run([](const Candidate&, const EvaluationContext&) {
    return EvaluationResult::CannotRun("exit code 127");
  });
  EXPECT_TRUE(summary.cannot_run);
  EXPECT_EQ(summary.status.message(), "exit code 127");
  EXPECT_EQ(fake_->released, std::vector<std::string>{token});
  EXPECT_TRUE(fake_->losses.empty());
  EXPECT_TRUE(fake_->failures.empty());
}

TEST_F(WorkerTest, Evaluator_ThatThrows_EndsTheWorker) {
  fake_->AddLease(0, 0, 1);
  WorkerSummary summary = Run([](const Candidate&, const EvaluationContext&) -> EvaluationResult {
    throw std::runtime_error("no license");
  });
  EXPECT_EQ(summary.status.message(), "the evaluator threw: no license");
}

TEST_F(WorkerTest, Study_ThatIsGone_EndsTheWorker) {
  fake_->SetFault([](const std::string& method, int) {
    return method == "Ask" ? absl::NotFoundError("no such study") : absl::OkStatus();
  });
  WorkerSummary summary = Run([](const Candidate& c, const EvaluationContext&) { return Loss(c); });
  EXPECT_EQ(summary.status.code(), absl::StatusCode::kNotFound);
}

TEST_F(WorkerTest, Study_ThatHasEnded_NeedsNoWorker) {
  fake_->SetState(v1::Study::STOPPED);
  WorkerSummary summary = Run([](const Candidate& c, const EvaluationContext&) { return Loss(c); });
  EXPECT_TRUE(summary.status.ok());
  EXPECT_EQ(summary.study_state, v1::Study::STOPPED);
  EXPECT_EQ(fake_->calls["Ask"], 0);
}

TEST_F(WorkerTest, Slots_OutOfRange_AreRefused) {
  for (int slots : {0, -1, 4097}) {
    WorkerSummary summary =
        Run([](const Candidate& c, const EvaluationContext&) { return Loss(c); }, {.slots = slots});
    EXPECT_EQ(summary.status.code(), absl::StatusCode::kInvalidArgument) << slots;
  }
}

TEST_F(WorkerTest, Lease_ThatIsMalformed_EndsTheWorker) {
  fake_->AddLease(0, 0, 1);
  fake_->study.mutable_spec()->add_parameters()->set_name("y");
  WorkerSummary summary = Run([](const Candidate& c, const EvaluationContext&) { return Loss(c); });
  EXPECT_EQ(summary.status.code(), absl::StatusCode::kInternal);
}

}  // namespace
}  // namespace polystep::client
