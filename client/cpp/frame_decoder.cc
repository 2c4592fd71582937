#include "client/cpp/frame_decoder.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cpp/check_value.h"

namespace polystep::client {
namespace {

inline int32_t Number(uint64_t seed, uint64_t place) {
  uint64_t z = seed + 0x9E3779B97F4A7C15ULL * (place + 1);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  z ^= z >> 31;
  const uint64_t pairs = (z & 0x00FF00FF00FF00FFULL) + (z >> 8 & 0x00FF00FF00FF00FFULL);
  return static_cast<int32_t>(pairs * 0x0001000100010001ULL >> 48) - 1020;
}

// The directions of one frame: k rows of its size.
class Frame {
 public:
  Frame(const v1::SubspaceCandidates& proto, uint32_t f)
      : first_(proto.frame_starts(static_cast<int>(f))),
        size_(proto.frame_sizes(static_cast<int>(f))),
        numbers_(size_t{proto.direction_count()} * size_) {
    for (uint32_t j = 0; j < proto.direction_count(); ++j) {
      const uint64_t direction = uint32_t{(proto.first_frame() + f) * proto.direction_count() + j};
      for (uint64_t i = 0; i < size_; ++i) {
        numbers_[j * size_ + i] =
            static_cast<int16_t>(Number(proto.direction_seed(), (direction << 32) + i));
      }
    }
  }

  uint32_t first() const { return first_; }
  uint32_t size() const { return size_; }

  // The moved values for a candidate's coordinates; `offsets` is scratch.
  void Move(const float* coordinates, uint32_t directions, const Center& center,
            std::vector<double>& offsets, std::vector<float>& values) const {
    offsets.assign(size_, 0.0);
    values.resize(size_);
    for (uint32_t j = 0; j < directions; ++j) {
      const auto factor = static_cast<double>(coordinates[j]);
      if (factor == 0.0) continue;  // adds nothing
      const int16_t* numbers = numbers_.data() + size_t{j} * size_;
      for (uint32_t i = 0; i < size_; ++i) offsets[i] += factor * numbers[i];
    }
    for (uint32_t i = 0; i < size_; ++i) {
      values[i] = static_cast<float>(static_cast<double>(center.values[first_ + i]) + offsets[i]);
    }
  }

 private:
  uint32_t first_;
  uint32_t size_;
  std::vector<int16_t> numbers_;
};

absl::Status CheckFrames(const v1::SubspaceCandidates& proto, uint32_t count, uint64_t dimension) {
  if (proto.unchanged() > count) return absl::InternalError("lease: more unchanged than there are");
  const uint64_t moved = count - proto.unchanged();
  if (moved == 0) return absl::OkStatus();
  const uint64_t k = proto.direction_count();
  if (k == 0 || proto.candidates_per_frame() == 0) {
    return absl::InternalError("lease: frames of no directions or no candidates");
  }
  if (static_cast<uint64_t>(proto.coordinates_size()) != moved * k) {
    return absl::InternalError(absl::StrCat("lease: ", proto.coordinates_size(),
                                            " coordinates in frames instead of ", moved * k));
  }
  const uint64_t frames =
      (uint64_t{proto.first_in_frame()} + moved - 1) / proto.candidates_per_frame() + 1;
  if (static_cast<uint64_t>(proto.frame_starts_size()) != frames ||
      static_cast<uint64_t>(proto.frame_sizes_size()) != frames) {
    return absl::InternalError(
        absl::StrCat("lease: ", proto.frame_starts_size(), " frames instead of ", frames));
  }
  for (int f = 0; f < proto.frame_starts_size(); ++f) {
    if (uint64_t{proto.frame_starts(f)} + proto.frame_sizes(f) <= dimension) continue;
    return absl::InternalError(absl::StrCat("lease: a frame at ", proto.frame_starts(f), " of ",
                                            proto.frame_sizes(f), " in a center of ", dimension));
  }
  return absl::OkStatus();
}

}  // namespace

int32_t DirectionNumber(uint64_t seed, uint32_t direction, uint32_t element) {
  return Number(seed, (uint64_t{direction} << 32) + element);
}

absl::StatusOr<std::shared_ptr<const LeaseChanges>> DecodeFrames(
    const v1::SubspaceCandidates& proto, uint32_t count, std::shared_ptr<const Center> center) {
  if (absl::Status s = CheckFrames(proto, count, center->values.size()); !s.ok()) return s;
  auto result = std::make_shared<LeaseChanges>();
  result->starts.assign(size_t{proto.unchanged()} + 1, 0);
  CheckValue check(proto.center_id());
  const uint32_t k = proto.direction_count();
  std::optional<Frame> frame;
  uint32_t of = 0;
  std::vector<double> offsets;
  std::vector<float> values;
  for (uint32_t n = proto.unchanged(); n < count; ++n) {
    const uint32_t m = n - proto.unchanged();
    const uint32_t f = (proto.first_in_frame() + m) / proto.candidates_per_frame();
    if (!frame || f != of) frame.emplace(proto, of = f);
    frame->Move(proto.coordinates().data() + size_t{m} * k, k, *center, offsets, values);
    for (uint32_t i = 0; i < frame->size(); ++i) {
      const uint32_t coordinate = frame->first() + i;
      if (values[i] == center->values[coordinate]) continue;
      result->changes.push_back({coordinate, values[i]});
    }
    result->starts.push_back(static_cast<uint32_t>(result->changes.size()));
    for (const uint32_t last : {0u, count - 1}) {
      if (n != last) continue;
      for (uint32_t i = 0; i < frame->size(); ++i) {
        check.Add(frame->first() + i, center->values[frame->first() + i], values[i]);
      }
    }
  }
  if (check.value() != proto.check()) {
    return absl::InternalError("lease: its check value is not that of the decoded candidates");
  }
  result->center = std::move(center);
  return result;
}

}  // namespace polystep::client
