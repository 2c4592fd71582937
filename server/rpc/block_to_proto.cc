#include "server/rpc/block_to_proto.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "server/engine/center_store.h"
#include "server/rpc/check_value.h"

namespace polystep {
namespace {

// Packs values of 0 and 1 into bytes, eight each, the lowest first.
class BitPacker {
 public:
  explicit BitPacker(size_t most) { bytes_.reserve(most / 8 + 1); }
  void Add(absl::Span<const float> values) {
    for (const float value : values) {
      byte_ |= static_cast<uint32_t>(value == 1.0F) << (count_++ % 8);
      if (count_ % 8 != 0) continue;
      bytes_.push_back(static_cast<char>(byte_));
      byte_ = 0;
    }
  }
  size_t count() const { return count_; }
  std::string Take() {
    if (count_ % 8 != 0) bytes_.push_back(static_cast<char>(byte_));
    return std::move(bytes_);
  }

 private:
  std::string bytes_;
  uint32_t byte_ = 0;
  size_t count_ = 0;
};

// BlockCandidates.check.
uint64_t CheckOf(const BlockChanges& block) {
  CheckValue check(*block.center);
  check.Add(block.ranges.front(), block.values.data());
  const SearchSpace::Range last = block.ranges.back();
  check.Add(last, block.values.data() + block.values.size() - last.size);
  return check.value();
}

// Rows of blocks: `first_block`, `first_in_block` and `candidates_per_block`, or false where blocks
// do not follow each other that way.
bool SetRows(absl::Span<const SearchSpace::Range> ranges, uint32_t width, int64_t dimension,
             v1::BlockCandidates& proto) {
  const int64_t first = ranges.front().first;
  if (first % width != 0) return false;
  // The length of a row: that of a whole one, or of the longest there is.
  const auto row_from = [&](size_t n, int64_t block) {
    size_t length = 0;
    while (n + length < ranges.size() && ranges[n + length].first == block) ++length;
    return length;
  };
  const size_t lead = row_from(0, first);
  const size_t row = std::max(lead, row_from(lead, first + width));
  size_t in_row = row - lead;
  int64_t block = first;
  for (const SearchSpace::Range& range : ranges) {
    if (in_row == row) {
      in_row = 0;
      block += width;
    }
    ++in_row;
    if (range.first != block || range.size != std::min<int64_t>(width, dimension - block)) {
      return false;
    }
  }
  proto.set_first_block(static_cast<uint32_t>(first / width));
  proto.set_first_in_block(static_cast<uint32_t>(row - lead));
  proto.set_candidates_per_block(static_cast<uint32_t>(row));
  return true;
}

// The place of every block, and its size where that does not follow.
void SetOffsets(absl::Span<const SearchSpace::Range> ranges, uint32_t width, int64_t dimension,
                v1::BlockCandidates& proto) {
  bool sized = false;
  proto.mutable_offsets()->Reserve(static_cast<int>(ranges.size()));
  for (const SearchSpace::Range& range : ranges) {
    proto.add_offsets(static_cast<uint32_t>(range.size > 0 ? range.first : dimension));
    sized |= range.size > 0 && range.size != std::min<int64_t>(width, dimension - range.first);
  }
  for (size_t n = 0; sized && n < ranges.size(); ++n) {
    proto.add_sizes(static_cast<uint32_t>(ranges[n].size));
  }
}

void SetBits(BitPacker& packer, v1::CenterChunk& chunk) {
  chunk.set_bit_count(static_cast<uint32_t>(packer.count()));
  chunk.set_bits(packer.Take());
}

}  // namespace

v1::BlockCandidates BlockToProto(const BlockChanges& block) {
  v1::BlockCandidates proto;
  const auto dimension = static_cast<int64_t>(block.center->values.size());
  proto.set_center_id(block.center->id);
  proto.set_block_size(block.width);
  const auto changed = std::find_if(block.ranges.begin(), block.ranges.end(),
                                    [](const SearchSpace::Range& range) { return range.size > 0; });
  const auto unchanged = static_cast<size_t>(changed - block.ranges.begin());
  proto.set_unchanged(static_cast<uint32_t>(unchanged));
  const auto ranges = absl::MakeConstSpan(block.ranges).subspan(unchanged);
  if (!ranges.empty() && !SetRows(ranges, block.width, dimension, proto)) {
    SetOffsets(ranges, block.width, dimension, proto);
  }
  if (AreBits(block.values)) {
    BitPacker packer(block.values.size());
    packer.Add(block.values);
    proto.set_bits(packer.Take());
  } else {
    proto.mutable_values()->Add(block.values.begin(), block.values.end());
  }
  proto.set_check(CheckOf(block));
  return proto;
}

CenterChunks::CenterChunks(const CenterView& view) : center_(view.center) {
  difference_ = view.difference && RunBytes() < WholeBytes();
}

uint64_t CenterChunks::WholeBytes() const {
  const uint64_t values = center_->values.size();
  return center_->bits ? values / 8 : 4 * values;
}

uint64_t CenterChunks::RunBytes() const {
  uint64_t values = 0;
  for (const Center::Run& run : center_->changed) values += run.size;
  return 5 * center_->changed.size() + (center_->bits ? values / 8 : 4 * values);
}

bool CenterChunks::Next(v1::CenterChunk& chunk) {
  chunk.Clear();
  const size_t dimension = center_->values.size();
  const size_t all = difference_ ? center_->changed.size() : dimension;
  if (started_ && next_ == all) return false;
  if (!started_) {
    chunk.set_dimension(static_cast<int64_t>(dimension));
    if (difference_) chunk.set_base_id(center_->before_id);
  }
  started_ = true;
  if (difference_) {
    NextRuns(chunk);
    return true;
  }
  const size_t size =
      std::min(dimension - next_, center_->bits ? 8 * kChunkBytes : kChunkBytes / 4);
  chunk.set_offset(static_cast<int64_t>(next_));
  const auto values = absl::MakeConstSpan(center_->values).subspan(next_, size);
  if (center_->bits) {
    BitPacker packer(size);
    packer.Add(values);
    SetBits(packer, chunk);
  } else {
    chunk.mutable_values()->Add(values.begin(), values.end());
  }
  next_ += size;
  return true;
}

// A run that is longer than a message goes on in the next one.
void CenterChunks::NextRuns(v1::CenterChunk& chunk) {
  size_t room = kChunkBytes;
  BitPacker packer(center_->bits ? center_->changed.size() : 0);
  const size_t value_bytes = center_->bits ? 1 : 4;  // at most
  const size_t last = center_->changed.size() - 1;
  while (next_ < center_->changed.size() && room >= 8 + value_bytes) {
    const Center::Run& run = center_->changed[next_];
    // Runs are far from each other.
    __builtin_prefetch(center_->values.data() + center_->changed[std::min(next_ + 16, last)].first);
    const uint32_t first = run.first + sent_;
    const auto size =
        static_cast<uint32_t>(std::min<size_t>(run.size - sent_, (room - 8) / value_bytes));
    chunk.add_run_offsets(first);
    chunk.add_run_sizes(size);
    const auto values = absl::MakeConstSpan(center_->values).subspan(first, size);
    if (center_->bits) {
      packer.Add(values);
    } else {
      chunk.mutable_values()->Add(values.begin(), values.end());
    }
    room -= 8 + size * value_bytes;
    sent_ += size;
    if (sent_ < run.size) continue;
    sent_ = 0;
    ++next_;
  }
  if (center_->bits) SetBits(packer, chunk);
}

std::optional<v1::CenterChunk> OnlyChunk(const CenterView& view, uint64_t max_bytes) {
  CenterChunks chunks(view);
  if (chunks.ByteEstimate() > max_bytes) return std::nullopt;
  v1::CenterChunk chunk, more;
  chunks.Next(chunk);
  if (chunks.Next(more) || chunk.ByteSizeLong() > max_bytes) return std::nullopt;
  return chunk;
}

}  // namespace polystep
