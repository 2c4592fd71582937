#include "client/examples/rl/study.h"

#include <gtest/gtest.h>

#include <vector>

#include "client/examples/rl/report.h"

namespace polystep::rl {
namespace {

TEST(Study_Test, Spec_Tasks_TensorsAreTheParametersInOrder) {
  for (TaskKind kind : {TaskKind::kCartPole, TaskKind::kAcrobot}) {
    const StudyOptions options = {.task = {kind, PolicyKind::kInt8}, .seed = 4};
    const v1::StudySpec spec = Spec(options);
    int64_t count = 0;
    for (const v1::TensorSpec& tensor : spec.tensors()) {
      int64_t size = 1;
      for (int64_t length : tensor.shape()) size *= length;
      count += size;
    }
    EXPECT_EQ(count, Policy::ParameterCount(options.task.shape()));
    EXPECT_EQ(spec.goal(), v1::StudySpec::MAXIMIZE);
    EXPECT_EQ(spec.evaluation().noise(), v1::EvaluationPolicy::SEEDED);
    EXPECT_EQ(spec.stop().max_evaluations(), options.task.evaluations());
    EXPECT_EQ(spec.stop().has_target_loss(), kind == TaskKind::kCartPole);
    EXPECT_FALSE(spec.has_optimizer());
  }
}

client::Candidate Falling(client::Purpose purpose) {
  client::Candidate candidate;
  candidate.evaluation_seed = 9;
  candidate.purpose = purpose;
  candidate.tensors = {{"all", {114}, std::vector<float>(114, 0.0f)}};
  return candidate;
}

TEST(Study_Test, Evaluate_Purposes_PlayTheirEpisodes) {
  const Task task = {TaskKind::kCartPole, PolicyKind::kFloat};
  const std::vector<float> parameters(114, 0.0f);
  const auto mean = [&](int count) {
    return Mean(Returns(task, parameters, {.seed = 9, .count = count}));
  };
  EXPECT_EQ(Evaluate(task, Falling(client::Purpose::kSearch)), mean(32));
  EXPECT_EQ(Evaluate(task, Falling(client::Purpose::kScore)), mean(kScoreEpisodes));
  EXPECT_NE(mean(32), mean(kScoreEpisodes));
}

TEST(Report_Test, ReportOf_Study_SaysWhatItIs) {
  v1::Study study;
  study.set_name("studies/s");
  study.set_state(v1::Study::SUCCEEDED);
  study.set_evaluations(77);
  study.set_step(5);
  study.mutable_counters()->set_score(2);
  study.mutable_best()->set_loss(400.5);
  study.mutable_create_time()->set_seconds(10);
  study.mutable_update_time()->set_seconds(12);
  study.mutable_update_time()->set_nanos(500'000'000);
  const Report report =
      ReportOf({TaskKind::kCartPole, PolicyKind::kBinary}, study, {399.0, 401.0, 403.0});
  EXPECT_EQ(
      ReportText(report),
      "studies/s: SUCCEEDED, 77 evaluations in 5 steps, 2.5 s\n"
      "best policy: validation 400.50, test 401.00 (standard deviation of an episode 2.00)\n");
  EXPECT_EQ(ReportJson(report),
            "{\"study\":\"studies/s\",\"task\":\"cartpole-binary\",\"state\":\"SUCCEEDED\","
            "\"evaluations\":77,\"scores\":2,\"steps\":5,\"seconds\":2.5,\"validation\":400.5,"
            "\"test\":401.0,\"testSpread\":2.0}\n");
}

}  // namespace
}  // namespace polystep::rl
