#include "tests/e2e/crash/study_run.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <utility>

namespace polystep {
namespace {

constexpr char kStudyId[] = "crash";

}  // namespace

StudyRun::StudyRun(Options options) : options_(std::move(options)) {}

void StudyRun::Begin() {
  Restart();
  if (server_ == nullptr) return;
  auto created =
      client::Client::Connect(server_->address()).CreateStudy(kStudyId, options_.spec, {});
  ASSERT_TRUE(created.ok()) << created.status();
  LetIn();
  Crew::Options crew;
  crew.study_id = kStudyId;
  crew.spec = options_.spec;
  crew.simulator = options_.simulator;
  crew.workers = options_.workers;
  crew.unruly = options_.unruly;
  crew_ = std::make_unique<Crew>(std::move(crew), &address_, &log_);
}

void StudyRun::Restart(absl::Duration kill_after) {
  ServerProcess::Options options;
  options.data = options_.data.empty() ? folder_.path() + "/data" : options_.data;
  options.log = folder_.path() + "/log";
  options.kill_after = kill_after;
  server_ = nullptr;  // two cannot hold one folder
  auto started = ServerProcess::Start(options);
  if (!started.ok() && kill_after != absl::InfiniteDuration()) return;
  ASSERT_TRUE(started.ok()) << started.status();
  server_ = *std::move(started);
}

void StudyRun::LetIn() { address_.Set(server_->address()); }

void StudyRun::GiveUp() {
  if (crew_ != nullptr) crew_->Stop();
}

client::Study StudyRun::Connect() const {
  return client::Client::Connect(server_->address()).GetStudy(kStudyId);
}

void StudyRun::TellAllAgain() {
  client::Study study = Connect();
  v1::TellResponse sum;
  int64_t losses = 0;
  for (const v1::TellRequest& tell : log_.Tells()) {
    auto response = study.Tell(tell);
    ASSERT_TRUE(response.ok()) << response.status();
    AddCounts(*response, sum);
    losses += tell.slices(0).losses_size();
  }
  EXPECT_EQ(sum.accepted(), 0u);
  EXPECT_EQ(sum.conflicting(), 0u);
  EXPECT_EQ(sum.duplicate() + sum.stale(), losses);
}

v1::Study StudyRun::Finish() {
  log_.AwaitClose();
  EXPECT_EQ(crew_->Complaints(), std::vector<std::string>());
  crew_ = nullptr;
  auto study = Connect().Get();
  auto steps = Connect().Steps(0, 100'000);
  EXPECT_TRUE(study.ok() && steps.ok()) << study.status() << steps.status();
  if (!study.ok() || !steps.ok()) return {};
  for (const v1::StepRecord& step : *steps) digests_.push_back(step.digest());
  return *study;
}

std::string StudyRun::server_log() const {
  std::ifstream file(folder_.path() + "/log");
  return std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
}

}  // namespace polystep
