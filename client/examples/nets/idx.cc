#include "client/examples/nets/idx.h"

#include <zlib.h>

#include <memory>

#include "absl/strings/str_cat.h"

namespace polystep::nets {
namespace {

constexpr uint64_t kMaxBytes = uint64_t{1} << 30;
constexpr uint8_t kUnsignedBytes = 8;

struct Close {
  void operator()(gzFile_s* file) const { gzclose(file); }
};
using File = std::unique_ptr<gzFile_s, Close>;

bool Read(gzFile_s* file, void* to, uint64_t count) {
  return gzread(file, to, static_cast<unsigned>(count)) == static_cast<int64_t>(count);
}

}  // namespace

absl::StatusOr<IdxArray> ReadIdx(const std::string& path) {
  const File file(gzopen(path.c_str(), "rb"));  // reads plain files as they are
  if (file == nullptr) return absl::NotFoundError(absl::StrCat(path, " cannot be read"));
  const auto bad = [&](const char* what) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", what));
  };
  uint8_t magic[4];
  if (!Read(file.get(), magic, sizeof(magic))) return bad("too short for an IDX file");
  if (magic[0] != 0 || magic[1] != 0) return bad("no IDX file");
  if (magic[2] != kUnsignedBytes || magic[3] == 0) return bad("no IDX file of unsigned bytes");
  IdxArray array;
  uint64_t count = 1;
  for (int axis = 0; axis < magic[3]; ++axis) {
    uint8_t length[4];
    if (!Read(file.get(), length, sizeof(length))) return bad("ends inside its header");
    array.shape.push_back(static_cast<uint32_t>(length[0]) << 24 |
                          static_cast<uint32_t>(length[1]) << 16 |
                          static_cast<uint32_t>(length[2]) << 8 | length[3]);
    count *= array.shape.back();
    if (count > kMaxBytes) return bad("more than 1 GiB");
  }
  array.values.resize(count);
  if (!Read(file.get(), array.values.data(), count)) return bad("ends inside its values");
  return array;
}

}  // namespace polystep::nets
