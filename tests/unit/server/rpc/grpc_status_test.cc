#include "server/rpc/grpc_status.h"

#include <gtest/gtest.h>

#include "core/base/field_error.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "server/engine/status.h"

namespace polystep {
namespace {

struct Details {
  google::rpc::ErrorInfo info;
  google::rpc::BadRequest bad_request;
  google::rpc::RetryInfo retry;
  bool has_bad_request = false;
  bool has_retry = false;
};

Details Unpack(const grpc::Status& status) {
  google::rpc::Status proto;
  EXPECT_TRUE(proto.ParseFromString(status.error_details()));
  EXPECT_EQ(proto.code(), static_cast<int>(status.error_code()));
  EXPECT_EQ(proto.message(), status.error_message());
  Details details;
  for (const auto& any : proto.details()) {
    any.UnpackTo(&details.info);
    details.has_bad_request |= any.UnpackTo(&details.bad_request);
    details.has_retry |= any.UnpackTo(&details.retry);
  }
  return details;
}

TEST(GrpcStatus, Ok_IsOk) { EXPECT_TRUE(ToGrpcStatus(absl::OkStatus()).ok()); }

TEST(GrpcStatus, FieldError_CarriesBadRequestWithItsPath) {
  grpc::Status status = ToGrpcStatus(FieldError("study.spec.parameters[2].real.min", "is NaN"));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_message(), "study.spec.parameters[2].real.min: is NaN");
  Details details = Unpack(status);
  EXPECT_EQ(details.info.domain(), "polystep");
  EXPECT_EQ(details.info.reason(), "INVALID_ARGUMENT");
  ASSERT_EQ(details.bad_request.field_violations_size(), 1);
  EXPECT_EQ(details.bad_request.field_violations(0).field(), "study.spec.parameters[2].real.min");
  EXPECT_EQ(details.bad_request.field_violations(0).description(), "is NaN");
  EXPECT_FALSE(details.has_retry);
}

TEST(GrpcStatus, ReasonAndDelay_AreCarried) {
  absl::Status draining = WithRetryDelay(
      WithReason(absl::UnavailableError("draining"), reason::kDraining), absl::Milliseconds(2500));
  Details details = Unpack(ToGrpcStatus(draining));
  EXPECT_EQ(details.info.reason(), "DRAINING");
  EXPECT_EQ(details.retry.retry_delay().seconds(), 2);
  EXPECT_EQ(details.retry.retry_delay().nanos(), 500'000'000);
  EXPECT_FALSE(details.has_bad_request);
}

TEST(GrpcStatus, UnavailableWithoutDelay_StillSaysWhenToRetry) {
  EXPECT_TRUE(Unpack(ToGrpcStatus(absl::UnavailableError("not ready"))).has_retry);
  EXPECT_TRUE(Unpack(ToGrpcStatus(absl::ResourceExhaustedError("full"))).has_retry);
  EXPECT_FALSE(Unpack(ToGrpcStatus(absl::NotFoundError("no"))).has_retry);
}

TEST(GrpcStatus, EveryCode_KeepsItsNumber) {
  for (int code = 1; code <= 16; ++code) {
    absl::Status status(static_cast<absl::StatusCode>(code), "text");
    EXPECT_EQ(static_cast<int>(ToGrpcStatus(status).error_code()), code);
  }
}

}  // namespace
}  // namespace polystep
