// A solution as a series of messages well below the size limit. One owner at a time.
#ifndef POLYSTEP_SERVER_RPC_SOLUTION_CHUNKS_H_
#define POLYSTEP_SERVER_RPC_SOLUTION_CHUNKS_H_

#include <cstddef>

#include "polystep/v1/study_service.pb.h"
#include "server/engine/engine.h"

namespace polystep {

class SolutionChunks {
 public:
  static constexpr size_t kChunkValues = 128 * 1024;  // floats in a message: 512 KiB

  explicit SolutionChunks(Engine::SolutionView solution) : solution_(std::move(solution)) {}

  // Fills `chunk` with the next message; false when there is none.
  bool Next(v1::SolutionChunk& chunk);

 private:
  Engine::SolutionView solution_;
  bool started_ = false;
  size_t tensor_ = 0;  // the next element is offset_ of tensor_
  size_t offset_ = 0;
};

}  // namespace polystep

#endif  // POLYSTEP_SERVER_RPC_SOLUTION_CHUNKS_H_
