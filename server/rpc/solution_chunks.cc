#include "server/rpc/solution_chunks.h"

#include <algorithm>

#include "server/rpc/study_to_proto.h"

namespace polystep {

bool SolutionChunks::Next(v1::SolutionChunk& chunk) {
  chunk.Clear();
  const auto& tensors = solution_.point.tensors;
  if (started_ && tensor_ == tensors.size()) return false;
  if (!started_) *chunk.mutable_solution() = SolutionToProto(solution_);
  started_ = true;
  size_t room = kChunkValues;
  while (room > 0 && tensor_ < tensors.size()) {
    const TensorSpec& spec = solution_.space->tensors()[tensor_];
    const std::vector<float>& values = tensors[tensor_];
    v1::TensorChunk& piece = *chunk.add_tensors();
    piece.set_name(spec.name);
    if (offset_ == 0) piece.mutable_shape()->Add(spec.shape.begin(), spec.shape.end());
    piece.set_offset(static_cast<int64_t>(offset_));
    size_t count = std::min(room, values.size() - offset_);
    piece.mutable_values()->Add(values.begin() + offset_, values.begin() + offset_ + count);
    room -= count;
    offset_ += count;
    if (offset_ < values.size()) break;
    ++tensor_;
    offset_ = 0;
  }
  return true;
}

}  // namespace polystep
