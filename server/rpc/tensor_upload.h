// One UploadTensor call: takes its messages, then hands the values to the engine.
//
// One message at a time. Holds one of the server's places for uploads as long as it lives.
#ifndef POLYSTEP_SERVER_RPC_TENSOR_UPLOAD_H_
#define POLYSTEP_SERVER_RPC_TENSOR_UPLOAD_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "polystep/v1/study_service.pb.h"
#include "server/rpc/call.h"

namespace polystep {

class TensorUpload final : public MessageSink<v1::UploadTensorRequest, v1::UploadTensorResponse> {
 public:
  // `uploads` counts those under way.
  TensorUpload(Engine* engine, std::shared_ptr<std::atomic<int>> uploads);
  ~TensorUpload() override { --*uploads_; }

  absl::Status Add(const v1::UploadTensorRequest& request) override;
  void Finish(Callback<v1::UploadTensorResponse> done) override;

 private:
  absl::Status TakeShape(const v1::UploadTensorRequest& request);

  Engine* const engine_;
  const std::shared_ptr<std::atomic<int>> uploads_;
  const bool admitted_;
  uint64_t count_ = 0;  // of values, by the shape; 0 before the first message
  std::vector<float> values_;
};

}  // namespace polystep

#endif  // POLYSTEP_SERVER_RPC_TENSOR_UPLOAD_H_
