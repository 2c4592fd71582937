#include "server/engine/upload_store.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/bytes.h"
#include "core/base/field_error.h"
#include "server/engine/center_store.h"
#include "server/engine/limits.h"
#include "server/engine/status.h"

namespace polystep {
namespace {

constexpr uint8_t kTensorVersion = 1;
constexpr auto kValueBytes = static_cast<int64_t>(sizeof(float));

std::string EncodeTensor(int64_t count, absl::Time expire_time) {
  ByteWriter out;
  out.U8(kTensorVersion);
  out.I64(count);
  out.I64(absl::ToUnixNanos(expire_time));
  return out.Take();
}

std::vector<std::string> Parts(absl::Span<const float> values) {
  std::vector<std::string> parts;
  for (size_t begin = 0; begin < values.size(); begin += limits::kUploadPartValues) {
    absl::Span<const float> part = values.subspan(begin, limits::kUploadPartValues);
    parts.emplace_back(reinterpret_cast<const char*>(part.data()), part.size() * sizeof(float));
  }
  return parts;
}

absl::Status CheckValues(absl::Span<const float> values) {
  if (values.empty()) return FieldError("values", "must not be empty");
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::isfinite(values[i])) continue;
    return FieldError(absl::StrCat("values[", i, "]"),
                      absl::StrCat("must be finite, is ", values[i]));
  }
  return absl::OkStatus();
}

bool IsUploaded(const TensorSpec& tensor) {
  return tensor.initializer.kind == Initializer::Kind::kUploaded;
}

}  // namespace

absl::Status UploadStore::Recover() {
  absl::StatusOr<std::vector<TensorRecord>> records = options_.storage->Tensors();
  if (!records.ok()) return records.status();
  MutexLock lock(mutex_);
  for (const TensorRecord& record : *records) {
    ByteReader in(record.bytes);
    uint8_t version = in.U8();
    Upload upload;
    upload.count = in.I64();
    upload.expire_time = absl::FromUnixNanos(in.I64());
    upload.durable = true;
    if (version != kTensorVersion || !in.AtEnd()) {
      return absl::DataLossError(absl::StrCat("damaged record of the upload ", record.id));
    }
    bytes_ += upload.count * kValueBytes;
    uploads_[record.id] = upload;
  }
  return absl::OkStatus();
}

absl::Status UploadStore::CheckRoom(int64_t count) const {
  if (bytes_ + count * kValueBytes <= options_.max_bytes) return absl::OkStatus();
  return WithReason(
      absl::ResourceExhaustedError(absl::StrCat(
          "this server keeps at most ", options_.max_bytes, " bytes of uploads, has ", bytes_,
          ", and the upload has ", count * kValueBytes, ": delete studies that start from some")),
      reason::kTooManyUploads);
}

void UploadStore::Put(std::vector<float> values, Callback<UploadView> done) {
  absl::Status status = CheckValues(values);
  const std::string id = CenterId(values);
  const auto count = static_cast<int64_t>(values.size());
  if (status.ok()) {
    std::vector<std::string> parts = Parts(values);
    std::vector<float>().swap(values);
    MutexLock lock(mutex_);
    SweepLocked();
    auto found = uploads_.find(id);
    if (found == uploads_.end()) status = CheckRoom(count);
    if (status.ok()) {
      if (found == uploads_.end()) {
        found = uploads_.try_emplace(id).first;
        found->second.count = count;
        bytes_ += count * kValueBytes;
      }
      Upload& upload = found->second;
      upload.expire_time = options_.clock->Now() + limits::kUploadLife;
      if (upload.durable) parts.clear();  // only its time is new
      std::vector<Mutation> unit;
      unit.emplace_back(PutTensor{{id, EncodeTensor(count, upload.expire_time)}, std::move(parts)});
      return Commit(id, std::move(unit), std::move(done));
    }
  }
  std::move(done)(status);
}

// The callback only posts: it may run inside of Commit, with the lock held.
void UploadStore::Commit(const std::string& id, std::vector<Mutation> unit,
                         Callback<UploadView> done) {
  ++uploads_.find(id)->second.committing;
  options_.storage->Commit(std::move(unit), [self = shared_from_this(), id,
                                             done = std::move(done)](absl::Status status) mutable {
    Executor* executor = self->options_.executor;
    executor->Post(
        [self = std::move(self), id = std::move(id), done = std::move(done),
         status = std::move(status)]() mutable { self->Committed(id, status, std::move(done)); });
  });
}

void UploadStore::Committed(const std::string& id, const absl::Status& status,
                            Callback<UploadView> done) {
  UploadView view{id, {}};
  {
    MutexLock lock(mutex_);
    auto found = uploads_.find(id);
    Upload& upload = found->second;
    --upload.committing;
    if (status.ok()) {
      upload.durable = true;
      view.expire_time = upload.expire_time;
    } else if (!upload.durable && upload.committing == 0) {
      bytes_ -= upload.count * kValueBytes;
      uploads_.erase(found);
    }
  }
  if (!status.ok()) return std::move(done)(status);
  std::move(done)(std::move(view));
}

absl::Status UploadStore::Pin(const SearchSpec& search) {
  MutexLock lock(mutex_);
  std::vector<Upload*> pinned;
  for (size_t i = 0; i < search.tensors.size(); ++i) {
    if (!IsUploaded(search.tensors[i])) continue;
    auto found = uploads_.find(search.tensors[i].initializer.content_id);
    if (found == uploads_.end() || !found->second.durable) {
      for (Upload* upload : pinned) --upload->pins;
      return FieldError(
          absl::StrCat("tensors[", i, "].initializer.content_id"),
          absl::StrCat(
              "no values of id \"", search.tensors[i].initializer.content_id,
              "\" are kept here: upload them first; what no study starts from is kept for ",
              absl::FormatDuration(limits::kUploadLife)));
    }
    ++found->second.pins;
    pinned.push_back(&found->second);
  }
  return absl::OkStatus();
}

void UploadStore::Unpin(const SearchSpec& search) {
  MutexLock lock(mutex_);
  bool any = false;
  for (const TensorSpec& tensor : search.tensors) {
    if (!IsUploaded(tensor)) continue;
    auto found = uploads_.find(tensor.initializer.content_id);
    if (found != uploads_.end()) --found->second.pins;
    any = true;
  }
  if (any) SweepLocked();
}

absl::Status UploadStore::Load(SearchSpec& search) const {
  for (TensorSpec& tensor : search.tensors) {
    if (!IsUploaded(tensor)) continue;
    const std::string& id = tensor.initializer.content_id;
    absl::StatusOr<std::string> bytes = options_.storage->TensorValues(id);
    if (!bytes.ok()) return bytes.status();
    auto values = std::make_shared<std::vector<float>>(bytes->size() / sizeof(float));
    std::memcpy(values->data(), bytes->data(), values->size() * sizeof(float));
    if (CenterId(*values) != id) {
      return absl::DataLossError(absl::StrCat("the values of the upload ", id, " are damaged"));
    }
    tensor.initializer.values = std::move(values);
  }
  return absl::OkStatus();
}

void UploadStore::Sweep() {
  MutexLock lock(mutex_);
  SweepLocked();
}

// What cannot be erased now is found again at the next start.
void UploadStore::SweepLocked() {
  std::vector<Mutation> unit;
  const absl::Time now = options_.clock->Now();
  for (auto next = uploads_.begin(); next != uploads_.end();) {
    const Upload& upload = next->second;
    if (upload.pins > 0 || upload.committing > 0 || upload.expire_time > now) {
      ++next;
      continue;
    }
    unit.emplace_back(EraseTensor{next->first});
    bytes_ -= upload.count * kValueBytes;
    next = uploads_.erase(next);
  }
  if (!unit.empty()) options_.storage->Commit(std::move(unit), [](const absl::Status&) {});
}

}  // namespace polystep
