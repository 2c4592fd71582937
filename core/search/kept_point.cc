#include "core/search/kept_point.h"

#include <optional>

#include "core/space/bit_coordinates.h"

namespace polystep {

std::vector<double> KeptPoint::Coordinates() const {
  return bits_.size() > 0 ? CoordinatesOf(bits_) : coordinates_;
}

void KeptPoint::Save(ByteWriter& writer) const {
  if (bits_.size() == 0) return writer.Doubles(coordinates_);
  writer.U64(bits_.size());
  writer.Text(bits_.bytes());
}

bool KeptPoint::Restore(Form form, ByteReader& reader) {
  *this = KeptPoint();
  if (form == Form::kCoordinates) {
    coordinates_ = reader.Doubles();
    return reader.ok();
  }
  const uint64_t size = reader.U64();
  std::optional<Bits> bits = Bits::FromBytes(size, reader.Text());
  if (!reader.ok() || !bits) return false;
  bits_ = *std::move(bits);
  return true;
}

}  // namespace polystep
