// The block encoding against a whole server: bit for bit what the dense one sends.
#include <gmock/gmock.h>

#include <numeric>
#include <vector>

#include "client/cpp/block_decoder.h"
#include "client/cpp/center_cache.h"
#include "client/cpp/frame_decoder.h"
#include "client/cpp/grpc_transport.h"
#include "client/cpp/worker.h"
#include "tests/e2e/service_fixture.h"

namespace polystep {
namespace {

using Encoding = v1::AskRequest::Encoding;

void AddTensor(v1::StudySpec& spec, const std::string& name, std::vector<int64_t> shape,
               v1::TensorSpec::Kind kind) {
  v1::TensorSpec& tensor = *spec.add_tensors();
  tensor.set_name(name);
  tensor.mutable_shape()->Add(shape.begin(), shape.end());
  tensor.set_kind(kind);
  if (kind == v1::TensorSpec::INTEGER) {
    tensor.set_min(-3);
    tensor.set_max(4);
  }
  tensor.mutable_initializer()->set_kind(v1::Initializer::UNIFORM);
  tensor.mutable_initializer()->set_scale(2);
}

v1::StudySpec FlipSpec() {
  v1::StudySpec spec;
  AddTensor(spec, "a", {7, 3}, v1::TensorSpec::BINARY);
  AddTensor(spec, "b", {20}, v1::TensorSpec::BINARY);
  spec.mutable_optimizer()->set_method(v1::OptimizerSpec::POLYSTEP_FLIP);
  spec.set_seed(5);
  spec.mutable_stop()->set_max_steps(6);
  return spec;
}

// 47 coordinates in blocks of 4: the last block is shorter.
v1::StudySpec BlockSpec() {
  v1::StudySpec spec;
  AddTensor(spec, "real", {5, 4}, v1::TensorSpec::REAL);
  AddTensor(spec, "integer", {13}, v1::TensorSpec::INTEGER);
  AddTensor(spec, "binary", {14}, v1::TensorSpec::BINARY);
  v1::OptimizerSpec& optimizer = *spec.mutable_optimizer();
  optimizer.set_method(v1::OptimizerSpec::POLYSTEP_BLOCK);
  optimizer.set_particle_dim(4);
  optimizer.set_probes(2);
  spec.set_seed(9);
  spec.mutable_stop()->set_max_steps(5);
  return spec;
}

v1::StudySpec NoisySpec() {
  v1::StudySpec spec = BlockSpec();
  spec.mutable_evaluation()->set_noise(v1::EvaluationPolicy::SEEDED);
  spec.mutable_evaluation()->set_score_every(1);
  spec.mutable_evaluation()->set_repeats(2);
  return spec;
}

v1::StudySpec ModelSpec() {
  v1::StudySpec spec = BlockSpec();
  spec.mutable_optimizer()->set_probes(1);
  spec.mutable_optimizer()->set_quadratic_model(true);
  return spec;
}

// Rows of three sizes.
v1::StudySpec RowsSpec() {
  v1::StudySpec spec;
  AddTensor(spec, "hidden", {5, 9}, v1::TensorSpec::REAL);
  AddTensor(spec, "output", {3, 6}, v1::TensorSpec::REAL);
  AddTensor(spec, "bias", {4}, v1::TensorSpec::REAL);
  spec.mutable_optimizer()->set_method(v1::OptimizerSpec::POLYSTEP_ROWS);
  spec.mutable_optimizer()->set_frame_size(3);
  spec.mutable_evaluation()->set_noise(v1::EvaluationPolicy::SEEDED);
  spec.mutable_evaluation()->set_score_every(2);
  spec.set_seed(9);
  spec.mutable_stop()->set_max_steps(5);
  return spec;
}

double Loss(absl::Span<const float> values) {
  double loss = 0.0;
  for (size_t i = 0; i < values.size(); ++i) {
    const double difference = static_cast<double>(values[i]) - 0.1 * static_cast<double>(i % 7);
    loss += difference * difference;
  }
  return loss;
}

class BlockTest : public ServiceTest {
 protected:
  std::string CreateFrom(const v1::StudySpec& spec, const std::string& id) {
    v1::CreateStudyRequest request;
    request.set_study_id(id);
    *request.mutable_study()->mutable_spec() = spec;
    return Create(request).name();
  }

  grpc::Status TryAsk(const v1::AskRequest& request, v1::AskResponse* response) {
    return Invoke(*stubs_->evaluations, &v1::EvaluationService::Stub::Ask, request, response);
  }

  v1::AskResponse AskFor(const std::string& study, std::vector<Encoding> encodings,
                         uint32_t max_evaluations) {
    v1::AskRequest request;
    request.set_study(study);
    request.set_worker("test");
    request.set_max_evaluations(max_evaluations);
    request.mutable_wait()->set_seconds(10);
    for (Encoding encoding : encodings) request.add_encodings(encoding);
    v1::AskResponse response;
    grpc::Status status = TryAsk(request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }

  void TellLosses(const std::string& study, const v1::Lease& lease,
                  const std::vector<double>& losses, double violation = 0.0) {
    v1::TellRequest tell;
    tell.set_study(study);
    tell.set_token(lease.token());
    tell.set_step(lease.step());
    v1::LossSlice& slice = *tell.add_slices();
    slice.set_first_index(lease.first_index());
    slice.mutable_losses()->Add(losses.begin(), losses.end());
    slice.mutable_violations()->Resize(static_cast<int>(losses.size()), violation);
    EXPECT_EQ(Tell(tell).accepted(), losses.size());
  }

  // Every candidate of the study in both encodings, from two equal studies.
  void ExpectSame(const v1::StudySpec& spec, uint32_t max_evaluations,
                  Encoding encoding = v1::AskRequest::BLOCK) {
    const std::string tag = std::to_string(next_++);
    const std::string dense_study = CreateFrom(spec, "dense" + tag);
    const std::string block_study = CreateFrom(spec, "block" + tag);
    client::CenterCache centers(client::MakeGrpcTransport(server_->address()), block_study,
                                Dimension(spec));
    std::vector<float> dense;  // what is decoded and not yet compared
    int64_t compared = 0;
    while (true) {
      const v1::AskResponse block =
          AskFor(block_study, {encoding, v1::AskRequest::DENSE}, max_evaluations);
      if (!block.has_lease()) break;
      const v1::Lease& lease = block.lease();
      const bool blocks = encoding == v1::AskRequest::BLOCK;
      ASSERT_TRUE(blocks ? lease.has_block() : lease.has_subspace());
      auto center =
          centers.Get(blocks ? lease.block().center_id() : lease.subspace().center_id(), {});
      ASSERT_TRUE(center.ok()) << center.status();
      auto changes = blocks ? client::DecodeBlock(lease.block(), lease.count(), *center)
                            : client::DecodeFrames(lease.subspace(), lease.count(), *center);
      ASSERT_TRUE(changes.ok()) << changes.status();
      // The dense leases of the same indices.
      for (uint32_t n = 0; n < lease.count();) {
        const v1::AskResponse whole =
            AskFor(dense_study, {v1::AskRequest::DENSE}, lease.count() - n);
        ASSERT_TRUE(whole.has_lease());
        ASSERT_EQ(whole.lease().first_index(), lease.first_index() + n);
        const auto& values = whole.lease().dense().values();
        std::vector<double> losses;
        for (uint32_t k = 0; k < whole.lease().count(); ++k, ++n) {
          std::vector<float> made = (*center)->values;
          for (const client::Change& change : (*changes)->Of(n)) {
            EXPECT_NE(made[change.coordinate], change.value);
            made[change.coordinate] = change.value;
          }
          const auto row = values.begin() + static_cast<int>(k * made.size());
          ASSERT_EQ(made, std::vector<float>(row, row + static_cast<int>(made.size())))
              << "index " << lease.first_index() + n;
          losses.push_back(Loss(made));
          ++compared;
        }
        TellLosses(dense_study, whole.lease(), losses);
        all_losses_.insert(all_losses_.end(), losses.begin(), losses.end());
      }
      TellLosses(block_study, lease, std::exchange(all_losses_, {}));
    }
    EXPECT_EQ(Get(block_study).trajectory_digest(), Get(dense_study).trajectory_digest());
    EXPECT_GT(compared, 40);
  }

  static uint64_t Dimension(const v1::StudySpec& spec) {
    uint64_t sum = 0;
    for (const v1::TensorSpec& tensor : spec.tensors()) {
      sum += std::accumulate(tensor.shape().begin(), tensor.shape().end(), int64_t{1},
                             std::multiplies<>());
    }
    return sum;
  }

  std::vector<double> all_losses_;
  int next_ = 0;
};

TEST_F(BlockTest, EveryCandidate_IsTheDenseOneBitForBit) {
  for (const v1::StudySpec& spec :
       {FlipSpec(), BlockSpec(), NoisySpec(), ModelSpec(), RowsSpec()}) {
    ExpectSame(spec, 1000);
    ExpectSame(spec, 7);
  }
}

TEST_F(BlockTest, EveryCandidateOfAFrame_IsTheDenseOneBitForBit) {
  ExpectSame(RowsSpec(), 1000, v1::AskRequest::SUBSPACE);
  ExpectSame(RowsSpec(), 7, v1::AskRequest::SUBSPACE);
}

TEST_F(BlockTest, Frames_TakeFourBytesADirectionWhateverTheRow) {
  v1::StudySpec spec = RowsSpec();
  spec.mutable_tensors(0)->set_shape(1, 4000);
  spec.mutable_evaluation()->set_noise(v1::EvaluationPolicy::NONE);
  const std::string study = CreateFrom(spec, "frames");
  const v1::Lease lease = AskFor(study, {v1::AskRequest::SUBSPACE}, 30).lease();
  EXPECT_EQ(lease.count(), 30u);
  EXPECT_LT(lease.subspace().ByteSizeLong(), 30 * 3 * 4 + 160);
  // Bounds would need every value looked at.
  spec.mutable_tensors(0)->set_min(-9);
  spec.mutable_tensors(0)->set_max(9);
  const std::string bounded = CreateFrom(spec, "bounded");
  EXPECT_TRUE(
      AskFor(bounded, {v1::AskRequest::SUBSPACE, v1::AskRequest::BLOCK}, 1).lease().has_block());
}

TEST_F(BlockTest, Leases_HaveWholeRowsWhileThereAreManyAndStayUnderMaxBytes) {
  const std::string study = CreateFrom(BlockSpec(), "rows");  // 12 rows of 16
  v1::AskResponse ask = AskFor(study, {v1::AskRequest::BLOCK}, 40);
  EXPECT_EQ(ask.lease().count(), 32u);
  EXPECT_EQ(ask.lease().block().candidates_per_block(), 16u);
  EXPECT_EQ(ask.lease().block().offsets_size(), 0);
  ask = AskFor(study, {v1::AskRequest::BLOCK}, 5);
  EXPECT_EQ(ask.lease().count(), 5u) << "no more than was asked for";
  ask = AskFor(study, {v1::AskRequest::BLOCK}, 30);
  EXPECT_EQ(ask.lease().count(), 27u) << "to the end of a row";
  EXPECT_EQ(ask.lease().block().first_block(), 2u);

  v1::AskRequest request;
  request.set_study(study);
  request.set_worker("test");
  request.set_max_evaluations(1000);
  request.set_max_bytes(512);
  request.add_encodings(v1::AskRequest::BLOCK);
  ASSERT_TRUE(TryAsk(request, &ask).ok());
  EXPECT_LE(ask.lease().block().ByteSizeLong(), 512u);
  EXPECT_EQ(ask.lease().count(), 16u);
}

TEST_F(BlockTest, Lease_BringsTheCenterThatTheWorkerHasNot) {
  v1::StudySpec spec = FlipSpec();
  spec.mutable_tensors(1)->set_shape(0, 50'000);
  spec.mutable_optimizer()->set_parallelism(200);
  const std::string study = CreateFrom(spec, "brought");
  client::CenterCache centers(nullptr, study, Dimension(spec));  // cannot fetch
  int differences = 0;
  for (v1::AskResponse ask; Get(study).state() == v1::Study::ACTIVE;) {
    v1::AskRequest request;
    request.set_study(study);
    request.set_worker("test");
    request.set_max_evaluations(80);
    request.add_encodings(v1::AskRequest::BLOCK);
    request.set_known_center_id(centers.known_id());
    ASSERT_TRUE(TryAsk(request, &ask).ok());
    const v1::Lease& lease = ask.lease();
    ASSERT_EQ(lease.has_center(), lease.block().center_id() != centers.known_id());
    differences += lease.center().base_id().empty() ? 0 : 1;
    if (lease.has_center()) centers.Take(lease.block().center_id(), lease.center());
    ASSERT_EQ(centers.known_id(), lease.block().center_id());
    // Few flips can be taken, and those are good ones.
    const bool first = lease.first_index() == 0;
    std::vector<double> losses(lease.count(), 1.0);
    if (first) losses[0] = 2.0;
    TellLosses(study, lease, losses, first ? 0.0 : 1.0);
  }
  EXPECT_EQ(differences, 5) << "of 6 steps, the first of which has no center before it";
  const std::string other = CreateFrom(spec, "not-wished");
  EXPECT_FALSE(AskFor(other, {v1::AskRequest::BLOCK}, 1).lease().has_center());
}

TEST_F(BlockTest, Flips_TakeFiveBytes) {
  v1::StudySpec spec = FlipSpec();
  spec.mutable_tensors(1)->set_shape(0, 5000);
  spec.mutable_optimizer()->set_parallelism(2000);
  const std::string study = CreateFrom(spec, "flips");
  const v1::Lease lease = AskFor(study, {v1::AskRequest::BLOCK}, 1000).lease();
  EXPECT_EQ(lease.count(), 1000u);
  EXPECT_LT(lease.block().ByteSizeLong(), 1000 * 4.125 + 100);
}

TEST_F(BlockTest, Encodings_TheFirstThatIsPossible) {
  v1::StudySpec metric;
  AddTensor(metric, "w", {6}, v1::TensorSpec::REAL);
  metric.mutable_optimizer()->set_method(v1::OptimizerSpec::POLYSTEP_METRIC);
  metric.mutable_optimizer()->set_parallelism(8);
  const std::string whole = CreateFrom(metric, "metric");
  EXPECT_TRUE(AskFor(whole, {v1::AskRequest::BLOCK, v1::AskRequest::DENSE}, 1).lease().has_dense());
  EXPECT_TRUE(AskFor(whole, {v1::AskRequest::BLOCK, v1::AskRequest::NAMED}, 1).lease().has_named());

  v1::StudySpec large = FlipSpec();
  large.mutable_tensors(1)->set_shape(0, 300'000);
  const std::string study = CreateFrom(large, "large");
  EXPECT_TRUE(AskFor(study, {v1::AskRequest::DENSE, v1::AskRequest::BLOCK}, 1).lease().has_block());

  v1::AskRequest request;
  request.set_study(whole);
  request.add_encodings(v1::AskRequest::BLOCK);
  v1::AskResponse response;
  grpc::Status status = TryAsk(request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), ::testing::HasSubstr("NAMED or DENSE"));
  request.set_study(study);
  request.set_encodings(0, v1::AskRequest::DENSE);
  status = TryAsk(request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), ::testing::HasSubstr("ask for BLOCK"));
}

TEST_F(BlockTest, GivenPoints_AreSentWholeThenBlocks) {
  v1::StudySpec spec = BlockSpec();
  spec.mutable_stop()->set_max_steps(2);
  v1::InitialPoint& point = *spec.add_initial_points();
  for (const v1::TensorSpec& tensor : spec.tensors()) {
    v1::TensorValue& value = *point.add_tensors();
    value.set_name(tensor.name());
    uint64_t size = 1;
    for (int64_t length : tensor.shape()) size *= static_cast<uint64_t>(length);
    for (uint64_t i = 0; i < size; ++i) value.add_values(1);
  }
  const std::string study = CreateFrom(spec, "points");
  const std::vector<Encoding> both = {v1::AskRequest::BLOCK, v1::AskRequest::DENSE};
  v1::AskResponse ask = AskFor(study, both, 100);
  ASSERT_TRUE(ask.lease().has_dense());
  TellLosses(study, ask.lease(), std::vector<double>(ask.lease().count(), 1.0));
  ask = AskFor(study, both, 100);
  EXPECT_TRUE(ask.lease().has_block());
}

// Two million bits: more than one message, and a worker that never sees a dense candidate.
TEST_F(BlockTest, Worker_LargeFlipStudy_FetchesOneCenterAStep) {
  v1::StudySpec spec;
  AddTensor(spec, "b", {2'000'000}, v1::TensorSpec::BINARY);
  spec.mutable_optimizer()->set_method(v1::OptimizerSpec::POLYSTEP_FLIP);
  spec.mutable_optimizer()->set_parallelism(4096);
  spec.set_seed(3);
  spec.mutable_stop()->set_max_steps(4);
  spec.mutable_evaluation()->set_noise(v1::EvaluationPolicy::NONE);
  const std::string study = CreateFrom(spec, "million");
  std::atomic<int64_t> count{0};
  auto evaluate = [&](absl::Span<const client::Candidate> candidates,
                      const client::EvaluationContext&) {
    std::vector<client::EvaluationResult> results;
    for (const client::Candidate& candidate : candidates) {
      EXPECT_TRUE(candidate.has_center());
      EXPECT_EQ(candidate.center().size(), 2'000'000u);
      double loss = 100.0;
      for (const client::Change& change : candidate.changes()) {
        loss += change.value > candidate.center()[change.coordinate] ? -1 : 1;
      }
      results.emplace_back(loss);
    }
    count += static_cast<int64_t>(candidates.size());
    return results;
  };
  client::WorkerSummary summary =
      client::RunWorker(client::MakeGrpcTransport(server_->address()), study, evaluate,
                        {.slots = 2, .batch_size = 1024});
  EXPECT_TRUE(summary.status.ok()) << summary.status;
  EXPECT_EQ(Get(study).state(), v1::Study::SUCCEEDED);
  EXPECT_GE(count.load(), 4 * 4096);
}

}  // namespace
}  // namespace polystep
