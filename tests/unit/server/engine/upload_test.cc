#include <gmock/gmock.h>

#include <limits>

#include "server/engine/center_store.h"
#include "server/engine/limits.h"
#include "server/engine/status.h"
#include "tests/unit/server/engine/engine_fixture.h"

namespace polystep {
namespace {

using ::testing::HasSubstr;

class UploadTest : public EngineTest {
 protected:
  absl::StatusOr<UploadView> Upload(const std::vector<float>& values) {
    return Await<UploadView>(
        [&](Callback<UploadView> done) { engine_->UploadTensor(values, std::move(done)); });
  }
  static CreateStudyParams From(const std::string& content_id, int64_t size,
                                std::string id = "study") {
    CreateStudyParams params = Params(std::move(id));
    params.spec.search.parameters.clear();
    params.spec.search.optimizer = {};
    params.spec.search.optimizer.method = Method::kBlock;
    TensorSpec tensor{"w", {size}, TensorKind::kReal, -4.0, 4.0, {}};
    tensor.initializer.kind = Initializer::Kind::kUploaded;
    tensor.initializer.content_id = content_id;
    params.spec.search.tensors = {tensor};
    return params;
  }
  std::vector<float> Center() {
    auto solution = Await<Engine::SolutionView>([&](Callback<Engine::SolutionView> done) {
      engine_->GetSolution("study", Engine::SolutionKind::kCenter, std::move(done));
    });
    EXPECT_TRUE(solution.ok()) << solution.status();
    return solution.ok() ? solution->point.tensors[0] : std::vector<float>();
  }
  absl::Status Delete() {
    return Await<std::monostate>([&](Callback<std::monostate> done) {
             engine_->DeleteStudy("study", "", std::move(done));
           })
        .status();
  }
  size_t Stored() { return storage_.Tensors()->size(); }

  const std::vector<float> values_ = {0.5F, -1.25F, 3.0F, 4.0F};
};

TEST_F(UploadTest, Study_StartsFromTheValuesAndDoesSoAfterACrash) {
  const absl::Time before = executor_.Now();
  absl::StatusOr<UploadView> upload = Upload(values_);
  ASSERT_TRUE(upload.ok()) << upload.status();
  EXPECT_EQ(upload->content_id, CenterId(values_));
  EXPECT_GE(upload->expire_time, before + limits::kUploadLife);
  EXPECT_LE(upload->expire_time, executor_.Now() + limits::kUploadLife);
  ASSERT_TRUE(Create(From(upload->content_id, 4)).ok());
  EXPECT_EQ(Center(), values_);
  const std::string start = Get()->trajectory_digest;
  Restart();
  ASSERT_TRUE(recovered_.ok()) << recovered_;
  EXPECT_EQ(Center(), values_);
  EXPECT_EQ(Get()->trajectory_digest, start);
  CloseStepsUpTo(3);
  const std::string digest = Get()->trajectory_digest;
  Restart();
  EXPECT_EQ(Get()->trajectory_digest, digest);
  EXPECT_EQ(Get()->spec.search.tensors[0].initializer.content_id, upload->content_id);
}

TEST_F(UploadTest, Digest_DependsOnTheValues) {
  ASSERT_TRUE(Create(From(Upload(values_)->content_id, 4)).ok());
  ASSERT_TRUE(Create(From(Upload({0, 0, 0, 1})->content_id, 4, "other")).ok());
  EXPECT_NE(Get()->trajectory_digest, Get("other")->trajectory_digest);
}

TEST_F(UploadTest, SameValues_AreStoredOnceAndLiveOn) {
  absl::StatusOr<UploadView> first = Upload(values_);
  Run(absl::Hours(1));
  absl::StatusOr<UploadView> second = Upload(values_);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->content_id, first->content_id);
  EXPECT_EQ(Stored(), 1u);
  Run(absl::Hours(23.5));
  Restart();
  EXPECT_TRUE(Create(From(first->content_id, 4)).ok());
}

TEST_F(UploadTest, Values_ExpireWithoutAStudyOnly) {
  const std::string used = Upload(values_)->content_id;
  const std::string unused = Upload({1, 2})->content_id;
  ASSERT_TRUE(Create(From(used, 4)).ok());
  Run(limits::kUploadLife);
  Restart();
  Run(absl::Milliseconds(20));
  EXPECT_EQ(Stored(), 1u);
  absl::StatusOr<StudyView> late = Create(From(unused, 2, "other"));
  EXPECT_EQ(late.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(late.status().message(), HasSubstr("tensors[0].initializer.content_id"));
  EXPECT_EQ(Center(), values_);
  ASSERT_TRUE(Delete().ok());
  Run(absl::Milliseconds(20));
  EXPECT_EQ(Stored(), 0u);
}

TEST_F(UploadTest, RefusedAndValidatedStudies_KeepNothing) {
  const std::string id = Upload(values_)->content_id;
  EXPECT_THAT(Create(From(id, 5)).status().message(), HasSubstr("names 4 values"));
  CreateStudyParams outside = From(id, 4);
  outside.spec.search.tensors[0].max = 3.5;
  EXPECT_THAT(Create(outside).status().message(), HasSubstr("value 3 is 4"));
  CreateStudyParams validate = From(id, 4);
  validate.validate_only = true;
  EXPECT_TRUE(Create(validate).ok());
  Run(limits::kUploadLife);
  ASSERT_TRUE(Upload({1}).ok());
  Run(absl::Milliseconds(20));
  EXPECT_EQ(Stored(), 1u);
}

TEST_F(UploadTest, Numbers_MustBeFinite) {
  absl::StatusOr<UploadView> upload = Upload({0, std::numeric_limits<float>::infinity()});
  EXPECT_EQ(upload.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(upload.status().message(), HasSubstr("values[1]: must be finite"));
  EXPECT_FALSE(Upload({}).ok());
}

TEST_F(UploadTest, Room_EndsAtTheLimitOfBytes) {
  ASSERT_TRUE(Upload({1, 2, 3, 4, 5, 6, 7, 8}).ok());
  EXPECT_TRUE(Upload({9, 10, 11, 12}).ok());  // 48 bytes in all
  absl::StatusOr<UploadView> more = Upload({13});
  EXPECT_EQ(more.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(GetReason(more.status()), reason::kTooManyUploads);
  EXPECT_TRUE(Upload({9, 10, 11, 12}).ok());
  Run(limits::kUploadLife);
  EXPECT_TRUE(Upload({13}).ok());
}

TEST_F(UploadTest, FailingStore_LeavesNothingBehind) {
  storage_.Fail(absl::UnavailableError("disk"));
  EXPECT_EQ(Upload(values_).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_FALSE(Create(From(CenterId(values_), 4)).ok());
  storage_.Crash();
  StartEngine();
  EXPECT_TRUE(Upload({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}).ok());
}

}  // namespace
}  // namespace polystep
