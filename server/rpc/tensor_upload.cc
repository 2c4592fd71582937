#include "server/rpc/tensor_upload.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/field_error.h"
#include "core/space/spec_validation.h"
#include "server/engine/limits.h"
#include "server/engine/status.h"
#include "server/rpc/time_proto.h"

namespace polystep {

TensorUpload::TensorUpload(Engine* engine, std::shared_ptr<std::atomic<int>> uploads)
    : engine_(engine),
      uploads_(std::move(uploads)),
      admitted_(++*uploads_ <= limits::kUploadsInFlight) {}

absl::Status TensorUpload::TakeShape(const v1::UploadTensorRequest& request) {
  if (request.shape().empty() || request.shape_size() > static_cast<int>(kMaxTensorRank)) {
    return FieldError("shape", absl::StrCat("has ", request.shape_size(),
                                            " dimensions, must have 1 to ", kMaxTensorRank));
  }
  uint64_t count = 1;
  for (int i = 0; i < request.shape_size(); ++i) {
    const int64_t extent = request.shape(i);
    if (extent < 1) {
      return FieldError(absl::StrCat("shape[", i, "]"),
                        absl::StrCat("is ", extent, ", must be at least 1"));
    }
    if (static_cast<uint64_t>(extent) > limits::kUploadValues / count) {
      return FieldError("shape",
                        absl::StrCat("has more than ", limits::kUploadValues, " elements"));
    }
    count *= static_cast<uint64_t>(extent);
  }
  count_ = count;
  return absl::OkStatus();
}

absl::Status TensorUpload::Add(const v1::UploadTensorRequest& request) {
  if (!admitted_) {
    return WithRetryDelay(WithReason(absl::ResourceExhaustedError(absl::StrCat(
                                         "this server takes at most ", limits::kUploadsInFlight,
                                         " uploads at a time")),
                                     reason::kTooManyUploads),
                          absl::Seconds(1));
  }
  if (count_ == 0) {
    if (absl::Status status = TakeShape(request); !status.ok()) return status;
  } else if (!request.shape().empty()) {
    return FieldError("shape", "is for the first message only");
  }
  if (values_.size() + static_cast<uint64_t>(request.values_size()) > count_) {
    return FieldError("values", absl::StrCat("are more than the ", count_, " of the shape"));
  }
  values_.insert(values_.end(), request.values().begin(), request.values().end());
  return absl::OkStatus();
}

void TensorUpload::Finish(Callback<v1::UploadTensorResponse> done) {
  if (count_ == 0) return done(FieldError("shape", "is required: there was no message"));
  if (values_.size() != count_) {
    return done(FieldError(
        "values", absl::StrCat("are ", values_.size(), ", the shape has ", count_, " elements")));
  }
  engine_->UploadTensor(std::move(values_),
                        [done = std::move(done)](absl::StatusOr<UploadView> upload) mutable {
                          if (!upload.ok()) return done(upload.status());
                          v1::UploadTensorResponse response;
                          response.set_content_id(upload->content_id);
                          *response.mutable_expire_time() = TimeToProto(upload->expire_time);
                          done(std::move(response));
                        });
}

}  // namespace polystep
