// The centers of block-encoded candidates: one a step, as a difference where that is smaller, with
// a lease or fetched, and shared by everything that evaluates. Not thread-safe, but what it gives
// out is immutable and may be held by any thread.
#ifndef POLYSTEP_CLIENT_CPP_CENTER_CACHE_H_
#define POLYSTEP_CLIENT_CPP_CENTER_CACHE_H_

#include <cstdint>
#include <memory>
#include <mutex>
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

  // Keeps the center of this id, which came with a lease. One that is not what the id says is not
  // kept: Get() fetches it then.
  void Take(const std::string& id, const v1::CenterChunk& chunk);

  std::string known_id() const { return latest_ != nullptr ? latest_->id : ""; }

 private:
  class Builder;
  struct Spare {
    std::mutex mutex;
    std::unique_ptr<Center> center;
  };

  std::shared_ptr<Center> NewCenter();
  std::shared_ptr<const Center> Find(const std::string& id) const;
  void Keep(std::shared_ptr<const Center> center);
  absl::StatusOr<std::shared_ptr<const Center>> Fetch(const std::string& id,
                                                      const std::string& known,
                                                      const CallOptions& options);

  std::shared_ptr<Transport> transport_;
  const std::string study_;
  const uint64_t dimension_;
  const std::shared_ptr<Spare> spare_ = std::make_shared<Spare>();
  std::shared_ptr<const Center> latest_, before_;
};

}  // namespace polystep::client

#endif  // POLYSTEP_CLIENT_CPP_CENTER_CACHE_H_
