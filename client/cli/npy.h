// NumPy's .npy files, version 1.0, little-endian float32, row-major: how tensors reach simulators
// and people. Thread-safe as functions.
#ifndef POLYSTEP_CLIENT_CLI_NPY_H_
#define POLYSTEP_CLIENT_CLI_NPY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/cpp/evaluation.h"

namespace polystep::cli {

// The header of an array of `shape`: magic, version, length and description, a multiple of 64
// bytes.
std::string NpyHeader(const std::vector<int64_t>& shape);

// Name of the file of a tensor: its name with everything but letters, digits, '.', '_' and '-'
// percent-encoded (and a leading '.'), plus ".npy". Different tensors have different names.
std::string NpyName(const std::string& tensor);

// Writes `directory`/NpyName; the status names the file.
absl::Status WriteNpy(const std::string& directory, const client::Tensor& tensor);

// The array of a .npy file of any version, of little-endian float32 in row-major order; its name is
// empty. INVALID_ARGUMENT, naming the file, for anything else.
absl::StatusOr<client::Tensor> ReadNpy(const std::string& path);

}  // namespace polystep::cli

#endif  // POLYSTEP_CLIENT_CLI_NPY_H_
