#include "server/engine/center_store.h"

#include <xxhash.h>

#include <utility>

#include "server/base/hex.h"

namespace polystep {

std::string CenterId(absl::Span<const float> values) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits(values.data(), values.size() * sizeof(float)));
  return HexEncode({reinterpret_cast<const char*>(canonical.digest), sizeof(canonical.digest)});
}

std::shared_ptr<const Center> CenterStore::Current(const Search& search) {
  if (step_ == search.step()) return current_;
  auto center = std::make_shared<Center>();
  center->values.resize(search.center().size());
  search.space()->DecodeElements(0, search.center(), absl::MakeSpan(center->values));
  center->id = CenterId(center->values);
  previous_ = std::exchange(current_, std::move(center));
  step_ = search.step();
  return current_;
}

std::shared_ptr<const Center> CenterStore::Find(std::string_view id) const {
  for (const auto& center : {current_, previous_}) {
    if (center != nullptr && center->id == id) return center;
  }
  return nullptr;
}

}  // namespace polystep
