// The centers of block-encoded candidates: fetched once a step, as a difference where that is
// smaller, and shared by everything that evaluates. Not thread-safe.
#ifndef POLYSTEP_CLIENT_CPP_CENTER_CACHE_H_
#define POLYSTEP_CLIENT_CPP_CENTER_CACHE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "client/cpp/tensor_list.h"
#include "client/cpp/transport.h"

namespace polystep::client {

class CenterCache {
 public:
  // Of a study ("studies/{study_id}") whose tensors have `dimension` elements together.
  CenterCache(std::shared_ptr<Transport> transport, std::string study, uint64_t dimension)
      : transport_(std::move(transport)), study_(std::move(study)), dimension_(dimension) {}

  // The center of this id. NOT_FOUND: its step was committed meanwhile. INTERNAL: what came is not
  // what the id says.
  absl::StatusOr<std::shared_ptr<const Center>> Get(const std::string& id,
                                                    const CallOptions& options);

 private:
  absl::StatusOr<std::shared_ptr<const Center>> Fetch(const std::string& id,
                                                      const std::string& known,
                                                      const CallOptions& options);

  std::shared_ptr<Transport> transport_;
  const std::string study_;
  const uint64_t dimension_;
  std::shared_ptr<const Center> latest_, before_;
};

}  // namespace polystep::client

#endif  // POLYSTEP_CLIENT_CPP_CENTER_CACHE_H_
