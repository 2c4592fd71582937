#include "client/cli/npy.h"

#include <bit>
#include <cerrno>
#include <cstdio>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

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

}  // namespace polystep::cli
