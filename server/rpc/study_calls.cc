#include "server/rpc/study_calls.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "core/base/field_error.h"
#include "server/rpc/resource_names.h"
#include "server/rpc/spec_from_proto.h"
#include "server/rpc/study_to_proto.h"
#include "server/rpc/study_update.h"
#include "server/rpc/then.h"

namespace polystep {
namespace {

constexpr char kStudyPages[] = "studies";
constexpr char kStepPages[] = "steps";
constexpr int kUpdateTries = 4;

// A callback of the engine whose field errors are about the study in the request.
Callback<StudyView> StudyAnswer(Callback<v1::Study> done) {
  return [done = std::move(done)](absl::StatusOr<StudyView> study) mutable {
    if (!study.ok()) return done(InStudy(study.status()));
    done(StudyToProto(*study));
  };
}

absl::StatusOr<int64_t> FirstStep(const v1::ListStepsRequest& request) {
  int64_t first = request.first_step();
  if (!request.page_token().empty()) {
    absl::StatusOr<std::string> position = PagePosition(kStepPages, request.page_token());
    if (!position.ok()) return position.status();
    if (!absl::SimpleAtoi(*position, &first) || first < 0) {
      return FieldError("page_token", "is not a token of this list");
    }
  }
  if (first < 0) return FieldError("first_step", absl::StrCat("must not be negative, is ", first));
  return first;
}

// Reads, merges and writes; a change in between is met by doing it again, unless the caller named
// the etag it must still have.
void TryUpdate(Engine* engine, v1::UpdateStudyRequest request, std::string id, int tries,
               Callback<v1::Study> done) {
  auto merge = [engine, request = std::move(request), id, tries,
                done = std::move(done)](absl::StatusOr<StudyView> current) mutable {
    if (!current.ok()) return done(current.status());
    absl::StatusOr<UpdateStudyParams> update = UpdateFromProto(request, *current);
    if (!update.ok()) return done(update.status());
    bool own_etag = update->etag.empty();
    if (own_etag) update->etag = current->etag;
    auto answer = [engine, request = std::move(request), id = std::move(id), tries, own_etag,
                   done = std::move(done)](absl::StatusOr<StudyView> study) mutable {
      if (study.ok()) return done(StudyToProto(*study));
      if (own_etag && tries > 1 && absl::IsAborted(study.status())) {
        return TryUpdate(engine, std::move(request), std::move(id), tries - 1, std::move(done));
      }
      done(InStudy(study.status()));
    };
    engine->UpdateStudy(*std::move(update), std::move(answer));
  };
  engine->GetStudy(std::move(id), std::move(merge));
}

}  // namespace

void StudyCalls::CreateStudy(const Call&, const v1::CreateStudyRequest& request,
                             Callback<v1::Study> done) {
  absl::StatusOr<StudySpec> spec = SpecFromProto(request.study().spec());
  if (!spec.ok()) return done(InStudy(spec.status()));
  CreateStudyParams create;
  create.id = request.study_id();
  create.display_name = request.study().display_name();
  create.labels.insert(request.study().labels().begin(), request.study().labels().end());
  create.spec = *std::move(spec);
  create.request_id = request.request_id();
  create.validate_only = request.validate_only();
  engine_->CreateStudy(std::move(create), StudyAnswer(std::move(done)));
}

void StudyCalls::GetStudy(const Call&, const v1::GetStudyRequest& request,
                          Callback<v1::Study> done) {
  absl::StatusOr<std::string> id = StudyIdFromName("name", request.name());
  if (!id.ok()) return done(id.status());
  engine_->GetStudy(*std::move(id), Then(StudyToProto, std::move(done)));
}

void StudyCalls::ListStudies(const Call&, const v1::ListStudiesRequest& request,
                             Callback<v1::ListStudiesResponse> done) {
  absl::StatusOr<int> size = PageSize(request.page_size());
  if (!size.ok()) return done(size.status());
  std::string after;
  if (!request.page_token().empty()) {
    absl::StatusOr<std::string> position = PagePosition(kStudyPages, request.page_token());
    if (!position.ok()) return done(position.status());
    after = *std::move(position);
  }
  auto to_proto = [size = *size](const std::vector<StudyView>& studies) {
    v1::ListStudiesResponse response;
    for (const StudyView& study : studies) *response.add_studies() = StudyToProto(study);
    if (static_cast<int>(studies.size()) == size) {
      response.set_next_page_token(PageToken(kStudyPages, studies.back().id));
    }
    return response;
  };
  engine_->ListStudies(std::move(after), *size, Then(to_proto, std::move(done)));
}

void StudyCalls::UpdateStudy(const Call&, const v1::UpdateStudyRequest& request,
                             Callback<v1::Study> done) {
  absl::StatusOr<std::string> id = StudyIdFromName("study.name", request.study().name());
  if (!id.ok()) return done(id.status());
  TryUpdate(engine_, request, *std::move(id), kUpdateTries, std::move(done));
}

void StudyCalls::DeleteStudy(const Call&, const v1::DeleteStudyRequest& request,
                             Callback<google::protobuf::Empty> done) {
  absl::StatusOr<std::string> id = StudyIdFromName("name", request.name());
  if (!id.ok()) return done(id.status());
  auto to_proto = [](std::monostate) { return google::protobuf::Empty(); };
  engine_->DeleteStudy(*std::move(id), request.etag(), Then(to_proto, std::move(done)));
}

void StudyCalls::PauseStudy(const Call&, const v1::PauseStudyRequest& request,
                            Callback<v1::Study> done) {
  absl::StatusOr<std::string> id = StudyIdFromName("name", request.name());
  if (!id.ok()) return done(id.status());
  engine_->PauseStudy(*std::move(id), Then(StudyToProto, std::move(done)));
}

void StudyCalls::ResumeStudy(const Call&, const v1::ResumeStudyRequest& request,
                             Callback<v1::Study> done) {
  absl::StatusOr<std::string> id = StudyIdFromName("name", request.name());
  if (!id.ok()) return done(id.status());
  engine_->ResumeStudy(*std::move(id), Then(StudyToProto, std::move(done)));
}

void StudyCalls::StopStudy(const Call&, const v1::StopStudyRequest& request,
                           Callback<v1::Study> done) {
  absl::StatusOr<std::string> id = StudyIdFromName("name", request.name());
  if (!id.ok()) return done(id.status());
  engine_->StopStudy(*std::move(id), Then(StudyToProto, std::move(done)));
}

void StudyCalls::ListSteps(const Call&, const v1::ListStepsRequest& request,
                           Callback<v1::ListStepsResponse> done) {
  absl::StatusOr<std::string> id = StudyIdFromName("parent", request.parent());
  if (!id.ok()) return done(id.status());
  absl::StatusOr<int> size = PageSize(request.page_size());
  if (!size.ok()) return done(size.status());
  absl::StatusOr<int64_t> first = FirstStep(request);
  if (!first.ok()) return done(first.status());
  auto to_proto = [size = *size](const std::vector<StepRow>& rows) {
    v1::ListStepsResponse response;
    for (const StepRow& row : rows) *response.add_steps() = StepToProto(row);
    if (static_cast<int>(rows.size()) == size) {
      response.set_next_page_token(
          PageToken(kStepPages, absl::StrCat(rows.back().summary.step + 1)));
    }
    return response;
  };
  engine_->ListSteps(*std::move(id), *first, *size, Then(to_proto, std::move(done)));
}

}  // namespace polystep
