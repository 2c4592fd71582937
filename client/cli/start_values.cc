#include "client/cli/start_values.h"

#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/cli/npy.h"

namespace polystep::cli {

absl::Status UploadStartValues(const client::Client& client, const std::string& spec_path,
                               v1::StudySpec& spec) {
  const std::filesystem::path folder = std::filesystem::path(spec_path).parent_path();
  for (int i = 0; i < spec.tensors_size(); ++i) {
    v1::Initializer& initializer = *spec.mutable_tensors(i)->mutable_initializer();
    if (!absl::EndsWith(initializer.content_id(), ".npy")) continue;
    absl::StatusOr<client::Tensor> tensor = ReadNpy((folder / initializer.content_id()).string());
    if (!tensor.ok()) {
      return absl::Status(
          tensor.status().code(),
          absl::StrCat("tensors[", i, "].initializer.content_id: ", tensor.status().message()));
    }
    absl::StatusOr<std::string> id = client.UploadTensor(tensor->shape, tensor->values);
    if (!id.ok()) return id.status();
    initializer.set_content_id(*id);
  }
  return absl::OkStatus();
}

}  // namespace polystep::cli
