// Block-encoded candidates: changes of a center. See BlockCandidates in candidates.proto.
#ifndef POLYSTEP_CLIENT_CPP_BLOCK_DECODER_H_
#define POLYSTEP_CLIENT_CPP_BLOCK_DECODER_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cpp/tensor_list.h"
#include "polystep/v1/candidates.pb.h"

namespace polystep::client {

// All candidates of one lease. Immutable.
struct LeaseChanges {
  std::shared_ptr<const Center> center;
  std::vector<Change> changes;   // of all candidates, only where they differ from the center
  std::vector<uint32_t> starts;  // candidate n has changes [starts[n], starts[n + 1])

  absl::Span<const Change> Of(uint32_t offset) const {
    return absl::MakeConstSpan(changes).subspan(starts[offset],
                                                starts[offset + 1] - starts[offset]);
  }
};

// `count` candidates of a lease around `center`, whose id is block.center_id(). INTERNAL if the
// block does not hold what it promises or its check value is another: nothing may be told then.
absl::StatusOr<std::shared_ptr<const LeaseChanges>> DecodeBlock(
    const v1::BlockCandidates& block, uint32_t count, std::shared_ptr<const Center> center);

}  // namespace polystep::client

#endif  // POLYSTEP_CLIENT_CPP_BLOCK_DECODER_H_
