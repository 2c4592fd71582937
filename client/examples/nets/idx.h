// IDX files (LeCun et al., 1998), plain or gzip: arrays of bytes. Thread-safe as functions.
#ifndef POLYSTEP_CLIENT_EXAMPLES_NETS_IDX_H_
#define POLYSTEP_CLIENT_EXAMPLES_NETS_IDX_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace polystep::nets {

struct IdxArray {
  std::vector<uint32_t> shape;
  std::vector<uint8_t> values;  // row-major
};

// NOT_FOUND if there is no such file, INVALID_ARGUMENT if it is no IDX file of bytes, or cut short.
absl::StatusOr<IdxArray> ReadIdx(const std::string& path);

}  // namespace polystep::nets

#endif  // POLYSTEP_CLIENT_EXAMPLES_NETS_IDX_H_
