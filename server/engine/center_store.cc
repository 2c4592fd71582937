#include "server/engine/center_store.h"

#include <xxhash.h>

#include <algorithm>
#include <bit>
#include <memory>
#include <utility>

#include "core/base/wide.h"
#include "server/base/hex.h"

namespace polystep {
namespace {

// Values that are decoded, hashed and looked at while they are in the cache.
constexpr size_t kTile = 4096;
// Values looked at together: a loop without an exit takes many of them at once.
constexpr size_t kTogether = 16;

void AddPlace(size_t place, std::vector<Center::Run>& runs) {
  if (runs.empty() || runs.back().first + runs.back().size != place) {
    runs.push_back({static_cast<uint32_t>(place), 0});
  }
  ++runs.back().size;
}

POLYSTEP_WIDE bool AllBits(const float* values, size_t count) {
  int32_t others = 0;
  for (size_t k = 0; k < count; ++k) {
    others |= static_cast<int32_t>(values[k] != 0.0F) & static_cast<int32_t>(values[k] != 1.0F);
  }
  return others == 0;
}

// The id of values that come one after the other.
class ContentId {
 public:
  ContentId() { XXH3_128bits_reset(state_.get()); }
  void Add(absl::Span<const float> values) {
    XXH3_128bits_update(state_.get(), values.data(), values.size() * sizeof(float));
  }
  std::string Text() const {
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(state_.get()));
    return HexEncode({reinterpret_cast<const char*>(canonical.digest), sizeof(canonical.digest)});
  }

 private:
  struct Free {
    void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
  };
  const std::unique_ptr<XXH3_state_t, Free> state_{XXH3_createState()};
};

}  // namespace

std::string CenterId(absl::Span<const float> values) {
  ContentId id;
  id.Add(values);
  return id.Text();
}

bool AreBits(absl::Span<const float> values) {
  for (; values.size() > kTile; values.remove_prefix(kTile)) {
    if (!AllBits(values.data(), kTile)) return false;
  }
  return AllBits(values.data(), values.size());
}

void AddChanged(absl::Span<const float> from, absl::Span<const float> to, size_t first,
                std::vector<Center::Run>& runs) {
  size_t done = 0;
  for (; done + kTogether <= to.size(); done += kTogether) {
    const float* old = from.data() + done;
    const float* now = to.data() + done;
    uint32_t different = 0;
    for (size_t k = 0; k < kTogether; ++k) {
      different |= std::bit_cast<uint32_t>(old[k]) ^ std::bit_cast<uint32_t>(now[k]);
    }
    if (different == 0) continue;
    for (size_t k = 0; k < kTogether; ++k) {
      if (old[k] != now[k]) AddPlace(first + done + k, runs);
    }
  }
  for (; done < to.size(); ++done) {
    if (from[done] != to[done]) AddPlace(first + done, runs);
  }
}

void AddChanged(const Bits& from, const Bits& to, std::vector<Center::Run>& runs) {
  to.ForDifferent(from, [&](size_t place) { AddPlace(place, runs); });
}

// Takes the memory of one that nobody holds any more, where there is one.
std::shared_ptr<Center> CenterStore::NewCenter(size_t size) {
  auto memory = std::make_unique<Center>();
  {
    MutexLock lock(spare_->mutex);
    if (spare_->center != nullptr) memory = std::move(spare_->center);
  }
  memory->values.resize(size);
  memory->before_id.clear();
  memory->changed.clear();
  memory->bits = true;
  return {memory.release(), [spare = spare_](Center* center) {
            MutexLock lock(spare->mutex);
            spare->center.reset(center);
          }};
}

std::shared_ptr<const Center> CenterStore::Current(const Search& search) {
  if (step_ == search.step()) return current_;
  std::shared_ptr<Center> center = NewCenter(search.center().size());
  if (current_ != nullptr) center->before_id = current_->id;
  center->id = search.center_bits() != nullptr ? FillBits(search, *center) : Fill(search, *center);
  previous_ = std::exchange(current_, std::move(center));
  step_ = search.step();
  return current_;
}

std::string CenterStore::Fill(const Search& search, Center& center) {
  ContentId id;
  const absl::Span<const double> coordinates = search.center();
  const absl::Span<float> values = absl::MakeSpan(center.values);
  for (size_t first = 0; first < values.size(); first += kTile) {
    const absl::Span<float> tile = values.subspan(first, kTile);
    search.space()->DecodeElements(static_cast<int64_t>(first),
                                   coordinates.subspan(first, tile.size()), tile);
    id.Add(tile);
    center.bits = center.bits && AreBits(tile);
    if (current_ == nullptr) continue;
    AddChanged(absl::MakeConstSpan(current_->values).subspan(first, tile.size()), tile, first,
               center.changed);
  }
  return id.Text();
}

// Elements of binary tensors.
std::string CenterStore::FillBits(const Search& search, Center& center) {
  const Bits& bits = *search.center_bits();
  ContentId id;
  const absl::Span<float> values = absl::MakeSpan(center.values);
  for (size_t first = 0; first < values.size(); first += kTile) {
    const absl::Span<float> tile = values.subspan(first, kTile);
    bits.Expand(first, tile);
    id.Add(tile);
  }
  if (current_ != nullptr) AddChanged(bits_, bits, center.changed);
  bits_ = bits;
  return id.Text();
}

std::shared_ptr<const Center> CenterStore::Find(std::string_view id) const {
  for (const auto& center : {current_, previous_}) {
    if (center != nullptr && center->id == id) return center;
  }
  return nullptr;
}

CenterView ViewOf(std::shared_ptr<const Center> center, std::string_view known_id) {
  const bool difference = !known_id.empty() && center->before_id == known_id;
  return {std::move(center), difference};
}

}  // namespace polystep
