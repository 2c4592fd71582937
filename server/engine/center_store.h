// The centers that block-encoded candidates refer to: those of the last two steps that had any.
//
// Made at the first lease of a step and shared by all of them. Belongs to its study's strand; what
// it gives out is immutable, and may be held for as long as anyone likes.
#ifndef POLYSTEP_SERVER_ENGINE_CENTER_STORE_H_
#define POLYSTEP_SERVER_ENGINE_CENTER_STORE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/search/search.h"
#include "server/base/mutex.h"
#include "server/engine/engine.h"

namespace polystep {

// 32 hex digits of the 128-bit XXH3 of the values as little-endian floats.
std::string CenterId(absl::Span<const float> values);

// Whether all of them are 0 or 1.
bool AreBits(absl::Span<const float> values);

// Appends the runs of values that differ, `first` being the coordinate of the first ones.
void AddChanged(absl::Span<const float> from, absl::Span<const float> to, size_t first,
                std::vector<Center::Run>& runs);
// The same of all bits.
void AddChanged(const Bits& from, const Bits& to, std::vector<Center::Run>& runs);

// `center` for a caller that has the one of `known_id`; empty: none.
CenterView ViewOf(std::shared_ptr<const Center> center, std::string_view known_id);

class CenterStore {
 public:
  // The center of the open step of `search`, whose space has tensors only.
  std::shared_ptr<const Center> Current(const Search& search);

  // Whether someone asked for the center of `step`, and of no later one.
  bool IsOf(int64_t step) const { return step_ == step; }

  // Null if it is not kept.
  std::shared_ptr<const Center> Find(std::string_view id) const;

 private:
  // Clearing and mapping the memory of millions of values takes as long as computing them.
  struct Spare {
    Mutex mutex;
    std::unique_ptr<Center> center ABSL_GUARDED_BY(mutex);
  };
  std::shared_ptr<Center> NewCenter(size_t size);
  // Both fill in what the center is, and return its id.
  std::string Fill(const Search& search, Center& center);
  std::string FillBits(const Search& search, Center& center);

  const std::shared_ptr<Spare> spare_ = std::make_shared<Spare>();
  int64_t step_ = -1;  // of current_
  std::shared_ptr<const Center> current_, previous_;
  Bits bits_;  // of current_, where the method knows nothing else
};

}  // namespace polystep

#endif  // POLYSTEP_SERVER_ENGINE_CENTER_STORE_H_
