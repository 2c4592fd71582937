#include "server/rpc/study_update.h"

#include <gtest/gtest.h>

#include "core/base/field_error.h"

namespace polystep {
namespace {

StudyView Current() {
  StudyView study;
  study.id = std::string("a");  // an assignment of the literal trips g++ 12 (-Wrestrict)
  study.etag = std::string("1");
  study.spec.stop.max_steps = 10;
  study.spec.stop.target_loss = 0.5;
  study.spec.lease.max_lost = 7;
  return study;
}

v1::UpdateStudyRequest Request(std::vector<std::string> paths) {
  v1::UpdateStudyRequest request;
  request.mutable_study()->set_name("studies/a");
  for (std::string& path : paths) request.mutable_update_mask()->add_paths(std::move(path));
  return request;
}

TEST(StudyUpdate, FieldOfStop_LeavesTheOthers) {
  v1::UpdateStudyRequest request = Request({"spec.stop.max_steps"});
  request.mutable_study()->mutable_spec()->mutable_stop()->set_max_steps(20);
  absl::StatusOr<UpdateStudyParams> update = UpdateFromProto(request, Current());
  ASSERT_TRUE(update.ok()) << update.status();
  EXPECT_EQ(update->stop->max_steps, 20);
  EXPECT_EQ(update->stop->target_loss, 0.5);
  EXPECT_FALSE(update->lease.has_value());
  EXPECT_FALSE(update->labels.has_value());
}

TEST(StudyUpdate, NamedFieldThatIsUnset_GoesBackToItsDefault) {
  v1::UpdateStudyRequest request =
      Request({"spec.stop.target_loss", "spec.evaluation.max_lost", "labels"});
  absl::StatusOr<UpdateStudyParams> update = UpdateFromProto(request, Current());
  ASSERT_TRUE(update.ok()) << update.status();
  EXPECT_FALSE(update->stop->target_loss.has_value());
  EXPECT_EQ(update->stop->max_steps, 10);
  EXPECT_EQ(update->lease->max_lost, LeasePolicy().max_lost);
  EXPECT_TRUE(update->labels->empty());
}

TEST(StudyUpdate, WithoutMask_TakesWhatIsSet) {
  v1::UpdateStudyRequest request = Request({});
  request.mutable_study()->set_display_name("new");
  request.mutable_study()->mutable_spec()->mutable_stop()->set_max_evaluations(5);
  absl::StatusOr<UpdateStudyParams> update = UpdateFromProto(request, Current());
  ASSERT_TRUE(update.ok()) << update.status();
  EXPECT_EQ(update->display_name, "new");
  EXPECT_EQ(update->stop->max_evaluations, 5);
  EXPECT_EQ(update->stop->max_steps, 10);
  EXPECT_FALSE(update->labels.has_value());
  EXPECT_FALSE(update->lease.has_value());
}

TEST(StudyUpdate, Star_ReplacesEveryMutableField) {
  absl::StatusOr<UpdateStudyParams> update = UpdateFromProto(Request({"*"}), Current());
  ASSERT_TRUE(update.ok()) << update.status();
  EXPECT_FALSE(update->stop->max_steps.has_value());
  EXPECT_EQ(update->lease->max_lost, LeasePolicy().max_lost);
  EXPECT_EQ(update->display_name, "");
}

TEST(StudyUpdate, UnknownOrImmutablePath_IsRefused) {
  for (const char* path : {"spec.seed", "spec", "name", "spec.stop.nothing",
                           "spec.evaluation.noise", "spec.evaluation", "", "labels.x", "state"}) {
    absl::Status status = UpdateFromProto(Request({path}), Current()).status();
    ASSERT_FALSE(status.ok()) << path;
    EXPECT_EQ(GetFieldViolation(status)->field, "update_mask") << path;
  }
}

TEST(StudyUpdate, FieldErrors_ArePlacedInTheRequest) {
  EXPECT_EQ(GetFieldViolation(InStudy(FieldError("labels", "x")))->field, "study.labels");
  EXPECT_EQ(GetFieldViolation(InStudy(FieldError("stop.max_steps", "x")))->field,
            "study.spec.stop.max_steps");
  EXPECT_EQ(GetFieldViolation(InStudy(FieldError("study_id", "x")))->field, "study_id");
  EXPECT_EQ(InStudy(absl::NotFoundError("x")), absl::NotFoundError("x"));
}

}  // namespace
}  // namespace polystep
