// The points of a noise-free study that were answered, so that none is evaluated twice.
//
// A first-in first-out memory of a bounded number of points, keyed by 128 bits of the decoded
// point. One owner at a time.
#ifndef POLYSTEP_CORE_SEARCH_ANSWERED_POINTS_H_
#define POLYSTEP_CORE_SEARCH_ANSWERED_POINTS_H_

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "core/base/bytes.h"
#include "core/transport/softmax.h"

namespace polystep {

using PointKey = std::pair<uint64_t, uint64_t>;

// 128 well-mixed bits of SearchSpace::DecodedKey.
PointKey KeyOf(std::string_view decoded);

class AnsweredPoints {
 public:
  static constexpr size_t kCapacity = 65'536;

  struct Answer {
    PointKey key;
    double loss = 0.0;
    Outcome outcome = Outcome::kMissing;
    double violation = 0.0;  // of kViolation
  };

  // Null if not known. The pointer is good until the next Insert.
  const Answer* Find(const PointKey& key) const;

  // A known key keeps its first answer; the oldest point is forgotten when full.
  void Insert(const Answer& answer);

  void Save(ByteWriter& writer) const;  // oldest first
  bool Restore(ByteReader& reader);

 private:
  std::vector<Answer> answers_;  // a ring once it is full
  size_t oldest_ = 0;
  absl::flat_hash_map<PointKey, uint32_t> places_;  // looked up only, never walked
};

}  // namespace polystep

#endif  // POLYSTEP_CORE_SEARCH_ANSWERED_POINTS_H_
