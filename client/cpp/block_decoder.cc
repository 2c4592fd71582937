#include "client/cpp/block_decoder.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/cpp/check_value.h"

namespace polystep::client {
namespace {

constexpr uint32_t kAhead = 16;  // candidates whose center values are on their way

class Reader {
 public:
  Reader(const v1::BlockCandidates& block, uint32_t count, const Center& center)
      : block_(block), count_(count), center_(center), dimension_(center.values.size()) {}

  absl::StatusOr<std::shared_ptr<LeaseChanges>> Read();

 private:
  // Coordinates [first, end) of a candidate, and the place of their values.
  struct Block {
    uint64_t first = 0;
    uint64_t end = 0;
    uint64_t value = 0;
  };
  absl::Status CheckShape() const;
  Block Next(uint32_t n, uint64_t value) const;
  void Prefetch(uint32_t n) const;
  uint64_t ValueCount() const;
  float Value(uint64_t k) const {
    if (block_.values_size() > 0) return block_.values(static_cast<int>(k));
    return static_cast<float>(static_cast<uint8_t>(block_.bits()[k / 8]) >> (k % 8) & 1);
  }
  void AddCheck(const Block& candidate, CheckValue& check) const;

  const v1::BlockCandidates& block_;
  const uint32_t count_;
  const Center& center_;
  const uint64_t dimension_;
};

absl::Status Reader::CheckShape() const {
  if (block_.unchanged() > count_)
    return absl::InternalError("lease: more unchanged than there are");
  const uint32_t changed = count_ - block_.unchanged();
  if (changed == 0) return absl::OkStatus();
  if (block_.block_size() == 0) return absl::InternalError("lease: blocks of no coordinates");
  if (block_.offsets_size() == 0 && block_.candidates_per_block() == 0) {
    return absl::InternalError("lease: blocks of no candidates");
  }
  if (block_.offsets_size() != 0 && static_cast<uint32_t>(block_.offsets_size()) != changed) {
    return absl::InternalError(
        absl::StrCat("lease: ", block_.offsets_size(), " offsets instead of ", changed));
  }
  if (block_.sizes_size() != 0 && block_.sizes_size() != block_.offsets_size()) {
    return absl::InternalError(absl::StrCat("lease: ", block_.sizes_size(), " sizes of ",
                                            block_.offsets_size(), " blocks"));
  }
  return absl::OkStatus();
}

Reader::Block Reader::Next(uint32_t n, uint64_t value) const {
  if (n < block_.unchanged()) return {0, 0, value};
  const uint64_t m = n - block_.unchanged();
  const uint64_t first =
      block_.offsets_size() > 0
          ? block_.offsets(static_cast<int>(m))
          : (block_.first_block() + (block_.first_in_block() + m) / block_.candidates_per_block()) *
                block_.block_size();
  const uint64_t size =
      block_.sizes_size() > 0 ? block_.sizes(static_cast<int>(m)) : block_.block_size();
  return {first, std::min(first + size, dimension_), value};
}

// The values of a large center are far, and in no order.
void Reader::Prefetch(uint32_t n) const {
  if (n < block_.unchanged() ||
      n - block_.unchanged() >= static_cast<uint32_t>(block_.offsets_size()))
    return;
  __builtin_prefetch(center_.values.data() +
                     block_.offsets(static_cast<int>(n - block_.unchanged())));
}

uint64_t Reader::ValueCount() const {
  if (block_.values_size() > 0) return static_cast<uint64_t>(block_.values_size());
  return 8 * block_.bits().size();
}

void Reader::AddCheck(const Block& candidate, CheckValue& check) const {
  for (uint64_t c = candidate.first; c < candidate.end; ++c) {
    check.Add(static_cast<uint32_t>(c), center_.values[c],
              Value(candidate.value + c - candidate.first));
  }
}

absl::StatusOr<std::shared_ptr<LeaseChanges>> Reader::Read() {
  if (absl::Status status = CheckShape(); !status.ok()) return status;
  const uint64_t values = ValueCount();
  auto result = std::make_shared<LeaseChanges>();
  result->starts.reserve(count_ + 1);
  result->starts.push_back(0);
  result->changes.reserve(values);
  CheckValue check(block_.center_id());
  uint64_t value = 0;
  for (uint32_t n = 0; n < count_; ++n) {
    const Block candidate = Next(n, value);
    Prefetch(n + kAhead);
    if (candidate.first > candidate.end) {
      return absl::InternalError(
          absl::StrCat("lease: coordinate ", candidate.first, " of a center of ", dimension_));
    }
    value += candidate.end - candidate.first;
    if (value > values) return absl::InternalError("lease: too few values of blocks");
    for (uint64_t c = candidate.first; c < candidate.end; ++c) {
      const float changed = Value(candidate.value + c - candidate.first);
      if (changed == center_.values[c]) continue;
      result->changes.push_back({static_cast<uint32_t>(c), changed});
    }
    result->starts.push_back(static_cast<uint32_t>(result->changes.size()));
    if (n == 0) AddCheck(candidate, check);
    if (n + 1 == count_) AddCheck(candidate, check);
  }
  if (block_.values_size() > 0 && value != values) {
    return absl::InternalError("lease: too many values of blocks");
  }
  if (check.value() != block_.check()) {
    return absl::InternalError("lease: its check value is not that of the decoded candidates");
  }
  return result;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const LeaseChanges>> DecodeBlock(
    const v1::BlockCandidates& block, uint32_t count, std::shared_ptr<const Center> center) {
  auto changes = Reader(block, count, *center).Read();
  if (!changes.ok()) return changes.status();
  (*changes)->center = std::move(center);
  return *std::move(changes);
}

}  // namespace polystep::client
