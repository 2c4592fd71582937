// Canonical little-endian encoding of plain values, for state snapshots, records and digests.
//
// A Reader never reads past its end: after the first short read ok() is false and every further
// value is zero or empty, so a caller checks once at the end.
#ifndef POLYSTEP_CORE_BASE_BYTES_H_
#define POLYSTEP_CORE_BASE_BYTES_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"

namespace polystep {

class ByteWriter {
 public:
  void U8(uint8_t value) { bytes_.push_back(static_cast<char>(value)); }
  void U32(uint32_t value);
  void U64(uint64_t value);
  void I64(int64_t value) { U64(static_cast<uint64_t>(value)); }
  void F64(double value);  // NaN is written as one canonical pattern, -0.0 as itself
  void F64s(absl::Span<const double> values);  // the values alone
  void Bool(bool value) { U8(value ? 1 : 0); }
  void Text(std::string_view value);              // length as U32, then the bytes
  void Doubles(absl::Span<const double> values);  // count as U64, then the values
  void Floats(absl::Span<const float> values);    // likewise, no NaN among them

  const std::string& bytes() const { return bytes_; }
  std::string Take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  uint8_t U8();
  uint32_t U32();
  uint64_t U64();
  int64_t I64() { return static_cast<int64_t>(U64()); }
  double F64();
  bool Bool() { return U8() != 0; }
  std::string Text();
  std::vector<double> Doubles();
  std::vector<float> Floats();

  bool ok() const { return ok_; }
  bool AtEnd() const { return ok_ && rest_.empty(); }

 private:
  std::string_view Bytes(uint64_t count);

  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace polystep

#endif  // POLYSTEP_CORE_BASE_BYTES_H_
