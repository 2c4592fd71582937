// A point that is kept while the search moves on: its coordinates, or the bits that they stand for
// where the method knows nothing else, which is a 64th of the memory. A value type.
#ifndef POLYSTEP_CORE_SEARCH_KEPT_POINT_H_
#define POLYSTEP_CORE_SEARCH_KEPT_POINT_H_

#include <cstddef>
#include <utility>
#include <vector>

#include "core/base/bits.h"
#include "core/base/bytes.h"

namespace polystep {

class KeptPoint {
 public:
  enum class Form : bool { kCoordinates, kBits };

  KeptPoint() = default;
  explicit KeptPoint(std::vector<double> coordinates) : coordinates_(std::move(coordinates)) {}
  explicit KeptPoint(Bits bits) : bits_(std::move(bits)) {}

  size_t size() const { return coordinates_.size() + bits_.size(); }
  std::vector<double> Coordinates() const;

  // The memory of a point that is no longer needed.
  std::vector<double> TakeCoordinates() { return std::move(coordinates_); }
  Bits TakeBits() { return std::move(bits_); }

  void Save(ByteWriter& writer) const;
  // False if the bytes are not those of a point of this form.
  bool Restore(Form form, ByteReader& reader);

 private:
  std::vector<double> coordinates_;  // one of the two is empty
  Bits bits_;
};

}  // namespace polystep

#endif  // POLYSTEP_CORE_SEARCH_KEPT_POINT_H_
