#include "core/base/bytes.h"

#include <bit>
#include <cmath>

namespace polystep {
namespace {

constexpr uint64_t kCanonicalNan = 0x7ff8000000000000ULL;

template <class T>
void AppendLittleEndian(T value, std::string& out) {
  char bytes[sizeof(T)];
  for (size_t i = 0; i < sizeof(T); ++i) bytes[i] = static_cast<char>(value >> (8 * i));
  out.append(bytes, sizeof(T));
}

uint64_t Bits(double value) {
  return std::isnan(value) ? kCanonicalNan : std::bit_cast<uint64_t>(value);
}

template <class T>
T LittleEndian(std::string_view bytes) {
  T value = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    value |= static_cast<T>(static_cast<uint8_t>(bytes[i])) << (8 * i);
  }
  return value;
}

}  // namespace

void ByteWriter::U32(uint32_t value) { AppendLittleEndian(value, bytes_); }
void ByteWriter::U64(uint64_t value) { AppendLittleEndian(value, bytes_); }

void ByteWriter::F64(double value) { U64(Bits(value)); }

void ByteWriter::F64s(absl::Span<const double> values) {
  const size_t size = bytes_.size();
  bytes_.resize(size + sizeof(uint64_t) * values.size());
  char* out = bytes_.data() + size;
  for (double value : values) {
    const uint64_t bits = Bits(value);
    for (size_t i = 0; i < sizeof(bits); ++i) out[i] = static_cast<char>(bits >> (8 * i));
    out += sizeof(bits);
  }
}

void ByteWriter::Text(std::string_view value) {
  U32(static_cast<uint32_t>(value.size()));
  bytes_.append(value);
}

void ByteWriter::Doubles(absl::Span<const double> values) {
  U64(values.size());
  F64s(values);
}

void ByteWriter::Floats(absl::Span<const float> values) {
  U64(values.size());
  const size_t size = bytes_.size();
  bytes_.resize(size + sizeof(uint32_t) * values.size());
  char* out = bytes_.data() + size;
  for (float value : values) {
    const auto bits = std::bit_cast<uint32_t>(value);
    for (size_t i = 0; i < sizeof(bits); ++i) out[i] = static_cast<char>(bits >> (8 * i));
    out += sizeof(bits);
  }
}

std::string_view ByteReader::Bytes(uint64_t count) {
  if (!ok_ || count > rest_.size()) {
    ok_ = false;
    return {};
  }
  std::string_view head = rest_.substr(0, count);
  rest_.remove_prefix(count);
  return head;
}

uint8_t ByteReader::U8() { return LittleEndian<uint8_t>(Bytes(1)); }
uint32_t ByteReader::U32() { return LittleEndian<uint32_t>(Bytes(4)); }
uint64_t ByteReader::U64() { return LittleEndian<uint64_t>(Bytes(8)); }
double ByteReader::F64() { return std::bit_cast<double>(U64()); }
std::string ByteReader::Text() { return std::string(Bytes(U32())); }

std::vector<double> ByteReader::Doubles() {
  uint64_t count = U64();
  if (!ok_ || count > rest_.size() / 8) {
    ok_ = false;
    return {};
  }
  std::vector<double> values(count);
  for (double& value : values) value = F64();
  return values;
}

std::vector<float> ByteReader::Floats() {
  uint64_t count = U64();
  if (!ok_ || count > rest_.size() / 4) {
    ok_ = false;
    return {};
  }
  std::vector<float> values(count);
  for (float& value : values) value = std::bit_cast<float>(U32());
  return values;
}

}  // namespace polystep
