#include "server/rpc/evaluation_calls.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/field_error.h"
#include "server/rpc/block_to_proto.h"
#include "server/rpc/evaluation_from_proto.h"
#include "server/rpc/lease_to_proto.h"
#include "server/rpc/resource_names.h"
#include "server/rpc/sources.h"
#include "server/rpc/then.h"

namespace polystep {
namespace {

absl::Status CheckCenterId(const char* field, const std::string& id) {
  if (id.size() <= kCenterIdSize) return absl::OkStatus();
  return FieldError(field,
                    absl::StrCat("has ", id.size(), " bytes, a center's id has ", kCenterIdSize));
}

}  // namespace

void EvaluationCalls::Ask(const Call& call, const v1::AskRequest& request,
                          Callback<v1::AskResponse> done) {
  absl::StatusOr<AskParams> ask = AskFromProto(request, call.time_left);
  if (!ask.ok()) return done(ask.status());
  engine_->Ask(*std::move(ask), call.cancelled, Then(AskResultToProto, std::move(done)));
}

void EvaluationCalls::Tell(const Call& call, const v1::TellRequest& request,
                           Callback<v1::TellResponse> done) {
  tells_.fetch_add(1, std::memory_order_relaxed);
  absl::StatusOr<TellParams> tell = TellFromProto(request, call.time_left);
  if (!tell.ok()) return done(tell.status());
  engine_->Tell(*std::move(tell), call.cancelled, Then(TellResultToProto, std::move(done)));
}

void EvaluationCalls::Renew(const Call&, const v1::RenewRequest& request,
                            Callback<v1::RenewResponse> done) {
  absl::StatusOr<std::string> study = StudyIdFromName("study", request.study());
  if (!study.ok()) return done(study.status());
  std::vector<std::string> tokens(request.tokens().begin(), request.tokens().end());
  auto to_proto = [](const std::vector<RenewResult>& results) {
    v1::RenewResponse response;
    for (const RenewResult& result : results) {
      *response.add_renewals() = RenewResultToProto(result);
    }
    return response;
  };
  engine_->Renew(*std::move(study), std::move(tokens), Then(to_proto, std::move(done)));
}

void EvaluationCalls::Release(const Call&, const v1::ReleaseRequest& request,
                              Callback<v1::ReleaseResponse> done) {
  absl::StatusOr<std::string> study = StudyIdFromName("study", request.study());
  if (!study.ok()) return done(study.status());
  std::vector<std::string> tokens(request.tokens().begin(), request.tokens().end());
  auto to_proto = [](std::monostate) { return v1::ReleaseResponse(); };
  engine_->Release(*std::move(study), std::move(tokens), Then(to_proto, std::move(done)));
}

std::shared_ptr<MessageSource<v1::CenterChunk>> EvaluationCalls::GetCenter(
    const v1::GetCenterRequest& request) {
  absl::StatusOr<std::string> study = StudyIdFromName("study", request.study());
  absl::Status status = study.status();
  if (status.ok()) status = CheckCenterId("center_id", request.center_id());
  if (status.ok()) status = CheckCenterId("known_center_id", request.known_center_id());
  if (!status.ok()) return std::make_shared<FailedSource<v1::CenterChunk>>(status);
  using Source = ChunkSource<v1::CenterChunk, CenterView, CenterChunks>;
  return std::make_shared<Source>([engine = engine_, study = *std::move(study),
                                   id = request.center_id(),
                                   known = request.known_center_id()](Callback<CenterView> done) {
    engine->GetCenter(study, id, known, std::move(done));
  });
}

}  // namespace polystep
