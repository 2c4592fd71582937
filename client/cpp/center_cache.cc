#include "client/cpp/center_cache.h"

#include <xxhash.h>

#include <algorithm>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "client/cpp/retry.h"

namespace polystep::client {
namespace {

constexpr int kAttempts = 3;  // of a stream that broke or came out wrong

constexpr size_t kTile = 4096;  // values that are copied, changed and hashed while they are near

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
    return absl::BytesToHexString(
        {reinterpret_cast<const char*>(canonical.digest), sizeof(canonical.digest)});
  }

 private:
  struct Free {
    void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
  };
  const std::unique_ptr<XXH3_state_t, Free> state_{XXH3_createState()};
};

uint64_t ValueCount(const v1::CenterChunk& chunk) {
  if (chunk.values_size() > 0) return static_cast<uint64_t>(chunk.values_size());
  return std::min<uint64_t>(chunk.bit_count(), 8 * chunk.bits().size());
}

// The first to.size() values of the chunk.
void CopyValues(const v1::CenterChunk& chunk, absl::Span<float> to) {
  if (chunk.values_size() > 0) {
    std::copy_n(chunk.values().data(), to.size(), to.begin());
    return;
  }
  for (uint64_t k = 0; float& value : to) {
    value = static_cast<float>(static_cast<uint8_t>(chunk.bits()[k / 8]) >> (k % 8) & 1);
    ++k;
  }
}

// Of a whole center. False if the chunk reaches beyond it.
bool CopyChunk(const v1::CenterChunk& chunk, std::vector<float>& values) {
  const uint64_t count = ValueCount(chunk);
  const auto first = static_cast<uint64_t>(chunk.offset());
  if (chunk.offset() < 0 || first > values.size() || count > values.size() - first) return false;
  CopyValues(chunk, absl::MakeSpan(values).subspan(first, count));
  return true;
}

// Runs of a difference, ascending, and the values of all.
struct Difference {
  std::vector<CoordinateRun> runs;
  std::vector<float> values;

  // False if the chunk holds something else, or reaches beyond `dimension` coordinates.
  bool Add(const v1::CenterChunk& chunk, uint64_t dimension);
};

bool Difference::Add(const v1::CenterChunk& chunk, uint64_t dimension) {
  if (chunk.run_sizes_size() != chunk.run_offsets_size()) return false;
  uint64_t end = runs.empty() ? 0 : uint64_t{runs.back().first} + runs.back().size;
  uint64_t count = 0;
  for (int i = 0; i < chunk.run_offsets_size(); ++i) {
    const CoordinateRun run = {chunk.run_offsets(i), chunk.run_sizes(i)};
    if (run.first < end) return false;
    end = uint64_t{run.first} + run.size;
    count += run.size;
    runs.push_back(run);
  }
  if (end > dimension || count > ValueCount(chunk)) return false;
  values.resize(values.size() + count);
  CopyValues(chunk, absl::MakeSpan(values).last(count));
  return true;
}

}  // namespace

// Puts a center together from its messages.
class CenterCache::Builder {
 public:
  Builder(CenterCache* cache, std::string id) : cache_(cache), id_(std::move(id)) {}

  // False if the message does not fit: the center is lost.
  bool Add(const v1::CenterChunk& chunk);
  // Null if what came is not what the id says.
  std::shared_ptr<const Center> Finish();

 private:
  bool Start(const v1::CenterChunk& first);
  std::string MakeFromBase();

  CenterCache* const cache_;
  const std::string id_;
  std::shared_ptr<Center> center_;      // null before the first message
  std::shared_ptr<const Center> base_;  // null: the center comes whole
  Difference difference_;
  bool sound_ = true;
};

bool CenterCache::Builder::Start(const v1::CenterChunk& first) {
  center_ = cache_->NewCenter();
  if (static_cast<uint64_t>(first.dimension()) != cache_->dimension_) return false;
  center_->values.resize(cache_->dimension_);
  if (first.base_id().empty()) return true;
  base_ = cache_->Find(first.base_id());
  return base_ != nullptr;
}

bool CenterCache::Builder::Add(const v1::CenterChunk& chunk) {
  if (center_ == nullptr) sound_ = Start(chunk);
  sound_ = sound_ && (base_ != nullptr ? difference_.Add(chunk, cache_->dimension_)
                                       : CopyChunk(chunk, center_->values));
  return sound_;
}

// The values, and their id.
std::string CenterCache::Builder::MakeFromBase() {
  ContentId id;
  const absl::Span<float> all = absl::MakeSpan(center_->values);
  const float* changed = difference_.values.data();
  auto run = difference_.runs.begin();
  uint32_t done = 0;  // of that run
  for (size_t first = 0; first < all.size(); first += kTile) {
    const absl::Span<float> tile = all.subspan(first, kTile);
    const size_t end = first + tile.size();
    std::copy_n(base_->values.begin() + static_cast<ptrdiff_t>(first), tile.size(), tile.begin());
    while (run != difference_.runs.end() && run->first + done < end) {
      const size_t here = std::min<size_t>(run->size - done, end - run->first - done);
      std::copy_n(changed, here, all.begin() + run->first + done);
      changed += here;
      done += static_cast<uint32_t>(here);
      if (done < run->size) break;
      ++run;
      done = 0;
    }
    id.Add(tile);
  }
  center_->base_id = base_->id;
  center_->changed = std::move(difference_.runs);
  return id.Text();
}

std::shared_ptr<const Center> CenterCache::Builder::Finish() {
  if (center_ == nullptr || !sound_) return nullptr;
  if (base_ != nullptr) {
    center_->id = MakeFromBase();
  } else {
    ContentId id;
    id.Add(center_->values);
    center_->id = id.Text();
  }
  return center_->id == id_ ? std::move(center_) : nullptr;
}

// Takes the memory of one that nobody holds any more, where there is one: to map and to clear new
// memory takes as long as to fill it.
std::shared_ptr<Center> CenterCache::NewCenter() {
  auto memory = std::make_unique<Center>();
  {
    const std::lock_guard<std::mutex> lock(spare_->mutex);
    if (spare_->center != nullptr) memory = std::move(spare_->center);
  }
  memory->base_id.clear();
  memory->changed.clear();
  return {memory.release(), [spare = spare_](Center* center) {
            const std::lock_guard<std::mutex> lock(spare->mutex);
            spare->center.reset(center);
          }};
}

std::shared_ptr<const Center> CenterCache::Find(const std::string& id) const {
  for (const auto& center : {latest_, before_}) {
    if (center != nullptr && center->id == id) return center;
  }
  return nullptr;
}

void CenterCache::Keep(std::shared_ptr<const Center> center) {
  before_ = std::exchange(latest_, std::move(center));
}

void CenterCache::Take(const std::string& id, const v1::CenterChunk& chunk) {
  if (Find(id) != nullptr) return;
  Builder builder(this, id);
  if (!builder.Add(chunk)) return;
  if (std::shared_ptr<const Center> center = builder.Finish()) Keep(std::move(center));
}

absl::StatusOr<std::shared_ptr<const Center>> CenterCache::Get(const std::string& id,
                                                               const CallOptions& options) {
  if (std::shared_ptr<const Center> center = Find(id)) return center;
  absl::StatusOr<std::shared_ptr<const Center>> center = absl::UnknownError("not called");
  std::string known = known_id();
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    center = Fetch(id, known, options);
    if (center.ok()) break;
    const bool again =
        absl::IsInternal(center.status()) || IsRetryable(center.status(), Retryable::kAlsoDeadline);
    if (!again || options.stop.stop_requested()) return center.status();
    known.clear();  // whole, whatever went wrong
  }
  if (!center.ok()) return center.status();
  Keep(*center);
  return center;
}

absl::StatusOr<std::shared_ptr<const Center>> CenterCache::Fetch(const std::string& id,
                                                                 const std::string& known,
                                                                 const CallOptions& options) {
  v1::GetCenterRequest request;
  request.set_study(study_);
  request.set_center_id(id);
  request.set_known_center_id(known);
  Builder builder(this, id);
  absl::Status status = transport_->GetCenter(
      request, options, [&](const v1::CenterChunk& chunk) { return builder.Add(chunk); });
  if (!status.ok()) return status;
  std::shared_ptr<const Center> center = builder.Finish();
  if (center == nullptr) {
    return absl::InternalError(absl::StrCat("center ", id, ": what came is not what the id says"));
  }
  return center;
}

}  // namespace polystep::client
