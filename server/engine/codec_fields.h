// Optional values, enums and lists in the byte encodings of this folder.
//
// Shared by its codecs. Pure functions.
#ifndef POLYSTEP_SERVER_ENGINE_CODEC_FIELDS_H_
#define POLYSTEP_SERVER_ENGINE_CODEC_FIELDS_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/bytes.h"

namespace polystep {

// Written as a presence byte and, if present, the value.
template <class T, class WriteOne>
void WriteOptional(const std::optional<T>& value, ByteWriter& out, WriteOne write) {
  out.Bool(value.has_value());
  if (value) write(*value);
}

template <class T, class ReadOne>
void ReadOptional(ByteReader& in, std::optional<T>& value, ReadOne read) {
  value.reset();
  if (in.Bool()) value = read();
}

inline void WriteF64(const std::optional<double>& value, ByteWriter& out) {
  WriteOptional(value, out, [&](double v) { out.F64(v); });
}
inline void ReadF64(ByteReader& in, std::optional<double>& value) {
  ReadOptional(in, value, [&] { return in.F64(); });
}
inline void WriteI64(const std::optional<int64_t>& value, ByteWriter& out) {
  WriteOptional(value, out, [&](int64_t v) { out.I64(v); });
}
inline void ReadI64(ByteReader& in, std::optional<int64_t>& value) {
  ReadOptional(in, value, [&] { return in.I64(); });
}
inline void WriteU32(const std::optional<uint32_t>& value, ByteWriter& out) {
  WriteOptional(value, out, [&](uint32_t v) { out.U32(v); });
}
inline void ReadU32(ByteReader& in, std::optional<uint32_t>& value) {
  ReadOptional(in, value, [&] { return in.U32(); });
}
inline void WriteBool(const std::optional<bool>& value, ByteWriter& out) {
  WriteOptional(value, out, [&](bool v) { out.Bool(v); });
}
inline void ReadBool(ByteReader& in, std::optional<bool>& value) {
  ReadOptional(in, value, [&] { return in.Bool(); });
}

template <class Enum>
void WriteEnum(Enum value, ByteWriter& out) {
  out.U8(static_cast<uint8_t>(value));
}
template <class Enum>
bool ReadEnum(ByteReader& in, Enum last, Enum& value) {
  uint8_t number = in.U8();
  if (number > static_cast<uint8_t>(last)) return false;
  value = static_cast<Enum>(number);
  return in.ok();
}
template <class Enum>
void WriteOptionalEnum(const std::optional<Enum>& value, ByteWriter& out) {
  WriteOptional(value, out, [&](Enum v) { WriteEnum(v, out); });
}
template <class Enum>
bool ReadOptionalEnum(ByteReader& in, Enum last, std::optional<Enum>& value) {
  value.reset();
  if (!in.Bool()) return in.ok();
  value.emplace();
  return ReadEnum(in, last, *value);
}

// A damaged count would ask for memory the bytes cannot fill: growth stops at the first short read.
template <class T, class ReadOne>
bool ReadList(ByteReader& in, std::vector<T>& list, ReadOne read) {
  uint64_t count = in.U64();
  list.clear();
  for (uint64_t i = 0; i < count; ++i) {
    if (!in.ok() || !read(list.emplace_back()) || !in.ok()) return false;
  }
  return in.ok();
}

}  // namespace polystep

#endif  // POLYSTEP_SERVER_ENGINE_CODEC_FIELDS_H_
