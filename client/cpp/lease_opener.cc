#include "client/cpp/lease_opener.h"

#include <utility>

#include "client/cpp/frame_decoder.h"

namespace polystep::client {

LeaseOpener::LeaseOpener(std::shared_ptr<Transport> transport, std::string study,
                         const LeaseDecoder* decoder)
    : transport_(transport),
      study_(study),
      decoder_(decoder),
      centers_(std::move(transport), std::move(study), decoder->dimension()) {}

absl::StatusOr<std::shared_ptr<const LeaseChanges>> LeaseOpener::Open(const v1::Lease& lease,
                                                                      const CallOptions& options) {
  if (absl::Status status = decoder_->Check(lease); !status.ok()) return status;
  if (!lease.has_block() && !lease.has_subspace()) return nullptr;
  const std::string& center_id =
      lease.has_block() ? lease.block().center_id() : lease.subspace().center_id();
  if (lease.has_center()) centers_.Take(center_id, lease.center());
  auto center = centers_.Get(center_id, options);
  if (absl::IsNotFound(center.status())) {
    v1::ReleaseRequest request;
    request.set_study(study_);
    request.add_tokens(lease.token());
    transport_->Release(request, options).status().IgnoreError();
  }
  if (!center.ok()) return center.status();
  if (lease.has_subspace())
    return DecodeFrames(lease.subspace(), lease.count(), *std::move(center));
  return DecodeBlock(lease.block(), lease.count(), *std::move(center));
}

}  // namespace polystep::client
