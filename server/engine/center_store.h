// The centers that block-encoded candidates refer to: those of the last two steps that had any.
//
// Made at the first lease of a step and shared by all of them. Belongs to its study's strand; what
// it gives out is immutable.
#ifndef POLYSTEP_SERVER_ENGINE_CENTER_STORE_H_
#define POLYSTEP_SERVER_ENGINE_CENTER_STORE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/search/search.h"
#include "server/engine/engine.h"

namespace polystep {

// 32 hex digits of the 128-bit XXH3 of the values as little-endian floats.
std::string CenterId(absl::Span<const float> values);

class CenterStore {
 public:
  // The center of the open step of `search`, whose space has tensors only.
  std::shared_ptr<const Center> Current(const Search& search);

  // Null if it is not kept.
  std::shared_ptr<const Center> Find(std::string_view id) const;

 private:
  int64_t step_ = -1;  // of current_
  std::shared_ptr<const Center> current_, previous_;
};

}  // namespace polystep

#endif  // POLYSTEP_SERVER_ENGINE_CENTER_STORE_H_
