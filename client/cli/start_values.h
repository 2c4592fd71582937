// Start values of tensors from .npy files that a spec names. Thread-safe as functions.
#ifndef POLYSTEP_CLIENT_CLI_START_VALUES_H_
#define POLYSTEP_CLIENT_CLI_START_VALUES_H_

#include <string>

#include "absl/status/status.h"
#include "client/cpp/client.h"

namespace polystep::cli {

// Uploads the files that stand in `spec`, read from `spec_path`, where content ids should be, and
// puts their ids there: `initializer: {kind: UPLOADED, contentId: weights.npy}`. Paths are relative
// to the folder of the spec. INVALID_ARGUMENT, naming the field and the file, for one that cannot
// be read; else what the server says.
absl::Status UploadStartValues(const client::Client& client, const std::string& spec_path,
                               v1::StudySpec& spec);

}  // namespace polystep::cli

#endif  // POLYSTEP_CLIENT_CLI_START_VALUES_H_
