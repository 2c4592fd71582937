#include "client/cli/npy.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstdio>
#include <fstream>
#include <memory>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace polystep::cli {

static_assert(std::endian::native == std::endian::little,
              "floats are written as they lie in memory");

std::string NpyHeader(const std::vector<int64_t>& shape) {
  std::string description =
      absl::StrCat("{'descr': '<f4', 'fortran_order': False, 'shape': (",
                   absl::StrJoin(shape, ", "), shape.size() == 1 ? "," : "", "), }");
  constexpr size_t kPreamble = 10;  // magic, version, length
  size_t unpadded = kPreamble + description.size() + 1;
  description.append((64 - unpadded % 64) % 64, ' ');
  description += '\n';
  std::string header("\x93NUMPY\x01\x00", 8);
  header += static_cast<char>(description.size() & 0xff);
  header += static_cast<char>(description.size() >> 8);
  return header + description;
}

std::string NpyName(const std::string& tensor) {
  std::string name;
  for (char c : tensor) {
    bool plain = absl::ascii_isalnum(c) || c == '_' || c == '-' || (c == '.' && !name.empty());
    if (plain) {
      name += c;
    } else {
      name += absl::StrCat("%", absl::Hex(static_cast<uint8_t>(c), absl::kZeroPad2));
    }
  }
  return name + ".npy";
}

absl::Status WriteNpy(const std::string& directory, const client::Tensor& tensor) {
  std::string path = absl::StrCat(directory, "/", NpyName(tensor.name));
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) return absl::ErrnoToStatus(errno, absl::StrCat("cannot write ", path));
  std::string header = NpyHeader(tensor.shape);
  bool written = std::fwrite(header.data(), 1, header.size(), file) == header.size() &&
                 std::fwrite(tensor.values.data(), sizeof(float), tensor.values.size(), file) ==
                     tensor.values.size();
  int error = errno;
  if (std::fclose(file) != 0 || !written) {
    return absl::ErrnoToStatus(error, absl::StrCat("cannot write ", path));
  }
  return absl::OkStatus();
}

namespace {

// The text between `before` and `after` in a header; empty if there is none.
std::string Field(const std::string& header, const std::string& before, const std::string& after) {
  size_t begin = header.find(before);
  if (begin == std::string::npos) return "";
  begin += before.size();
  const size_t end = header.find(after, begin);
  return end == std::string::npos ? "" : header.substr(begin, end - begin);
}

// Reads the part of a file before the values. Empty if it is not such a file.
std::string ReadHeader(std::istream& file) {
  unsigned char head[12] = {};
  file.read(reinterpret_cast<char*>(head), 10);
  if (!file || std::string_view(reinterpret_cast<char*>(head), 6) != "\x93NUMPY") return "";
  size_t size = head[8] + 256u * head[9];
  if (head[6] > 1) {
    file.read(reinterpret_cast<char*>(head) + 10, 2);
    size += 65536u * head[10] + 16777216u * head[11];
  }
  constexpr size_t kLongest = 4096;
  std::string header(std::min(size, kLongest), '\0');
  file.read(header.data(), static_cast<std::streamsize>(header.size()));
  return file && size <= kLongest ? header : "";
}

}  // namespace

absl::StatusOr<client::Tensor> ReadNpy(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::InvalidArgumentError(absl::StrCat(path, ": cannot be read"));
  const std::string header = ReadHeader(file);
  if (Field(header, "'descr': '", "'") != "<f4" ||
      Field(header, "'fortran_order': ", ",") != "False") {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": is no .npy file of little-endian float32 in row-major order"));
  }
  client::Tensor tensor;
  uint64_t count = 1;
  constexpr uint64_t kMost = uint64_t{1} << 28;
  const std::string shape = Field(header, "'shape': (", ")");
  const std::vector<std::string> axes = absl::StrSplit(shape, ',', absl::SkipWhitespace());
  for (const std::string& axis : axes) {
    int64_t extent = 0;
    if (!absl::SimpleAtoi(axis, &extent) || extent < 1 ||
        static_cast<uint64_t>(extent) > kMost / count) {
      return absl::InvalidArgumentError(absl::StrCat(path, ": has an empty or a huge shape"));
    }
    tensor.shape.push_back(extent);
    count *= static_cast<uint64_t>(extent);
  }
  tensor.values.resize(count);
  file.read(reinterpret_cast<char*>(tensor.values.data()),
            static_cast<std::streamsize>(count * sizeof(float)));
  if (!file) return absl::InvalidArgumentError(absl::StrCat(path, ": ends before its values"));
  return tensor;
}

}  // namespace polystep::cli
