// Block-encoded candidates and their centers to the wire. Pure functions, and a cutter of one
// owner.
#ifndef POLYSTEP_SERVER_RPC_BLOCK_TO_PROTO_H_
#define POLYSTEP_SERVER_RPC_BLOCK_TO_PROTO_H_

#include <cstdint>
#include <memory>
#include <optional>

#include "absl/types/span.h"
#include "polystep/v1/candidates.pb.h"
#include "polystep/v1/evaluation_service.pb.h"
#include "server/engine/engine.h"

namespace polystep {

v1::BlockCandidates BlockToProto(const BlockChanges& block);

// A center as a series of messages below 1 MiB: whole, or as what differs from the one the caller
// knows, whichever is smaller.
class CenterChunks {
 public:
  static constexpr size_t kChunkBytes = 512 * 1024;

  explicit CenterChunks(const CenterView& view);

  // Fills `chunk` with the next message; false when there is none.
  bool Next(v1::CenterChunk& chunk);

  // Of all messages together, nearly.
  uint64_t ByteEstimate() const { return difference_ ? RunBytes() : WholeBytes(); }

 private:
  uint64_t WholeBytes() const;
  uint64_t RunBytes() const;
  void NextRuns(v1::CenterChunk& chunk);

  std::shared_ptr<const Center> center_;
  bool difference_ = false;
  bool started_ = false;
  size_t next_ = 0;    // coordinate, or run of a difference
  uint32_t sent_ = 0;  // coordinates of that run
};

// The message, if there is only one and it has at most `max_bytes`.
std::optional<v1::CenterChunk> OnlyChunk(const CenterView& view, uint64_t max_bytes);

}  // namespace polystep

#endif  // POLYSTEP_SERVER_RPC_BLOCK_TO_PROTO_H_
