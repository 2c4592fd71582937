// One pool of workers for many studies, against a whole server.
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <mutex>
#include <thread>

#include "client/cpp/client.h"
#include "client/cpp/grpc_transport.h"
#include "tests/e2e/service_fixture.h"

namespace polystep {
namespace {

double Loss(const client::Candidate& candidate) {
  if (absl::StatusOr<double> x = candidate.Real("x"); x.ok()) {
    const double y = *candidate.Real("y");
    return (*x - 0.3) * (*x - 0.3) + y * y;
  }
  double sum = 0.0;
  for (float value : candidate.values()) sum += (value - 1.0) * (value - 1.0);
  return sum;
}

class PoolTest : public ServiceTest {
 protected:
  // Two studies of parameters and one of a tensor.
  void MakeStudies(const std::string& suffix) {
    for (const char* id : {"a", "b"}) {
      v1::CreateStudyRequest request = SmallStudy(id + suffix, 6);
      (*request.mutable_study()->mutable_labels())["team"] = "optics" + suffix;
      Create(request);
    }
    v1::CreateStudyRequest request = SmallStudy("c" + suffix, 6);
    v1::StudySpec& spec = *request.mutable_study()->mutable_spec();
    spec.clear_parameters();
    v1::TensorSpec& tensor = *spec.add_tensors();
    tensor.set_name("w");
    tensor.add_shape(5);
    (*request.mutable_study()->mutable_labels())["team"] = "optics" + suffix;
    Create(request);
  }

  v1::Study Get(const std::string& id) {
    v1::GetStudyRequest request;
    request.set_name("studies/" + id);
    v1::Study study;
    EXPECT_TRUE(Invoke(*stubs_->studies, &v1::StudyService::Stub::GetStudy, request, &study).ok());
    return study;
  }
};

TEST_F(PoolTest, OneWorkerOfAnyStudy_TheDigestsOfOneForEach) {
  MakeStudies("1");
  MakeStudies("2");
  Create(SmallStudy("unlabelled", 6));
  client::Client client = client::Client::Connect(server_->address());
  auto evaluate = [](const client::Candidate& candidate, const client::EvaluationContext&) {
    return Loss(candidate);
  };
  for (const char* id : {"a1", "b1", "c1"}) {
    EXPECT_TRUE(client.GetStudy(id).RunWorker(evaluate, {}).status.ok());
  }
  std::stop_source stop;
  client::WorkerSummary summary;
  std::thread pool([&] {
    summary = client.GetStudy("-").RunWorker(
        evaluate, {.slots = 3, .labels = {{"team", "optics2"}}, .stop = stop.get_token()});
  });
  for (const char* id : {"a", "b", "c"}) {
    auto succeeded = [](const v1::WatchStudyResponse& update) {
      return update.study().state() != v1::Study::SUCCEEDED;
    };
    EXPECT_TRUE(client.GetStudy(std::string(id) + "2").Watch(0, succeeded).ok());
    EXPECT_EQ(Get(std::string(id) + "1").trajectory_digest(),
              Get(std::string(id) + "2").trajectory_digest());
  }
  stop.request_stop();
  pool.join();
  EXPECT_TRUE(summary.status.ok()) << summary.status;
  // The stop may have come before the answer to the last tell, which was then told again.
  const int64_t evaluations =
      Get("a2").evaluations() + Get("b2").evaluations() + Get("c2").evaluations();
  EXPECT_LE(summary.accepted, evaluations);
  EXPECT_GE(summary.accepted + summary.duplicate + summary.stale, evaluations);
  EXPECT_EQ(Get("unlabelled").evaluations(), 0);
}

TEST_F(PoolTest, Lease_SaysWhoseItIs) {
  Create(SmallStudy("a", 6));
  v1::AskRequest request;
  request.set_study("studies/-");
  request.set_worker("w");
  v1::AskResponse response;
  ASSERT_TRUE(
      Invoke(*stubs_->evaluations, &v1::EvaluationService::Stub::Ask, request, &response).ok());
  EXPECT_EQ(response.lease().study(), "studies/a");
  v1::TellRequest tell;
  tell.set_study("studies/a");
  tell.set_token(response.lease().token());
  tell.mutable_slices()->Add()->add_losses(1.0);
  tell.mutable_next()->set_study("studies/-");
  v1::TellResponse told;
  ASSERT_TRUE(Invoke(*stubs_->evaluations, &v1::EvaluationService::Stub::Tell, tell, &told).ok());
  EXPECT_EQ(told.next().lease().study(), "studies/a");
}

}  // namespace
}  // namespace polystep
