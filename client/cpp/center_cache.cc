#include "client/cpp/center_cache.h"

#include <xxhash.h>

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "client/cpp/retry.h"

namespace polystep::client {
namespace {

constexpr int kAttempts = 3;  // of a stream that broke or came out wrong

std::string ContentId(const std::vector<float>& values) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits(values.data(), values.size() * sizeof(float)));
  return absl::BytesToHexString(
      {reinterpret_cast<const char*>(canonical.digest), sizeof(canonical.digest)});
}

uint64_t ValueCount(const v1::CenterChunk& chunk) {
  if (chunk.values_size() > 0) return static_cast<uint64_t>(chunk.values_size());
  return std::min<uint64_t>(chunk.bit_count(), 8 * chunk.bits().size());
}

// Values [from, from + to.size()) of the chunk.
void CopyValues(const v1::CenterChunk& chunk, uint64_t from, absl::Span<float> to) {
  if (chunk.values_size() > 0) {
    std::copy_n(chunk.values().data() + from, to.size(), to.begin());
    return;
  }
  for (uint64_t k = from; float& value : to) {
    value = static_cast<float>(static_cast<uint8_t>(chunk.bits()[k / 8]) >> (k % 8) & 1);
    ++k;
  }
}

// False if the chunk reaches beyond the center.
bool Apply(const v1::CenterChunk& chunk, bool difference, std::vector<float>& values) {
  const uint64_t count = ValueCount(chunk);
  const auto fits = [&](uint64_t first, uint64_t size, uint64_t from) {
    return first <= values.size() && size <= values.size() - first && size <= count - from;
  };
  const absl::Span<float> all = absl::MakeSpan(values);
  if (!difference) {
    const auto first = static_cast<uint64_t>(chunk.offset());
    if (chunk.offset() < 0 || !fits(first, count, 0)) return false;
    CopyValues(chunk, 0, all.subspan(first, count));
    return true;
  }
  uint64_t from = 0;
  if (chunk.run_sizes_size() != chunk.run_offsets_size()) return false;
  for (int i = 0; i < chunk.run_offsets_size(); ++i) {
    const uint64_t size = chunk.run_sizes(i);
    if (!fits(chunk.run_offsets(i), size, from)) return false;
    CopyValues(chunk, from, all.subspan(chunk.run_offsets(i), size));
    from += size;
  }
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

  CenterCache* const cache_;
  const std::string id_;
  std::shared_ptr<Center> center_;  // null before the first message
  bool difference_ = false;
  bool sound_ = true;
};

bool CenterCache::Builder::Start(const v1::CenterChunk& first) {
  center_ = cache_->NewCenter();
  difference_ = !first.base_id().empty();
  if (static_cast<uint64_t>(first.dimension()) != cache_->dimension_) return false;
  if (!difference_) {
    center_->values.resize(cache_->dimension_);
    return true;
  }
  const std::shared_ptr<const Center> base = cache_->Find(first.base_id());
  if (base != nullptr) center_->values = base->values;
  return base != nullptr;
}

bool CenterCache::Builder::Add(const v1::CenterChunk& chunk) {
  if (center_ == nullptr) sound_ = Start(chunk);
  sound_ = sound_ && Apply(chunk, difference_, center_->values);
  return sound_;
}

std::shared_ptr<const Center> CenterCache::Builder::Finish() {
  if (center_ == nullptr || !sound_) return nullptr;
  center_->id = ContentId(center_->values);
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
