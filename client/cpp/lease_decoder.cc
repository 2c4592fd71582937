#include "client/cpp/lease_decoder.h"

#include "absl/strings/str_cat.h"

namespace polystep::client {
namespace {

// Values of a column that is no tensor.
uint32_t Entries(const v1::Column& column) {
  switch (column.values_case()) {
    case v1::Column::kReal:
      return column.real().values_size();
    case v1::Column::kInteger:
      return column.integer().values_size();
    case v1::Column::kDiscrete:
      return column.discrete().values_size();
    case v1::Column::kCategorical:
      return column.categorical().values_size();
    case v1::Column::kBoolean:
      return column.boolean().values_size();
    default:
      return 0;
  }
}

Value Entry(const v1::Column& column, int offset) {
  switch (column.values_case()) {
    case v1::Column::kReal:
      return column.real().values(offset);
    case v1::Column::kInteger:
      return column.integer().values(offset);
    case v1::Column::kDiscrete:
      return column.discrete().values(offset);
    case v1::Column::kCategorical:
      return column.categorical().values(offset);
    default:
      return static_cast<bool>(column.boolean().values(offset));
  }
}

}  // namespace

LeaseDecoder::LeaseDecoder(const v1::StudySpec& spec)
    : parameter_count_(static_cast<size_t>(spec.parameters_size())) {
  for (const v1::TensorSpec& tensor : spec.tensors()) {
    Shape shape{tensor.name(), {tensor.shape().begin(), tensor.shape().end()}, 1};
    for (int64_t length : shape.shape) shape.size *= static_cast<uint32_t>(length);
    dense_dimension_ += shape.size;
    tensor_index_[shape.name] = tensors_.size();
    tensors_.push_back(std::move(shape));
  }
  encodings_ = {parameter_count_ > 0 ? v1::AskRequest::NAMED : v1::AskRequest::DENSE};
}

absl::Status LeaseDecoder::CheckColumn(const v1::Column& column, uint32_t count) const {
  uint64_t expected = count;
  uint64_t found = Entries(column);
  if (column.has_tensor()) {
    auto tensor = tensor_index_.find(column.name());
    if (tensor == tensor_index_.end()) {
      return absl::InternalError(
          absl::StrCat("lease: no tensor '", column.name(), "' in the spec"));
    }
    expected *= tensors_[tensor->second].size;
    found = column.tensor().values_size();
  }
  if (found == expected) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("lease: column '", column.name(), "' has ", found,
                                          " values instead of ", expected));
}

absl::Status LeaseDecoder::Check(const v1::Lease& lease) const {
  if (lease.has_dense()) {
    uint64_t expected = uint64_t{lease.count()} * dense_dimension_;
    uint64_t found = lease.dense().values_size();
    if (found == expected) return absl::OkStatus();
    return absl::InternalError(
        absl::StrCat("lease: ", found, " dense values instead of ", expected));
  }
  if (!lease.has_named()) return absl::UnimplementedError("lease: an encoding not asked for");
  size_t expected = parameter_count_ + tensors_.size();
  size_t found = lease.named().columns_size();
  if (found != expected) {
    return absl::InternalError(absl::StrCat("lease: ", found, " columns instead of ", expected));
  }
  for (const v1::Column& column : lease.named().columns()) {
    if (absl::Status status = CheckColumn(column, lease.count()); !status.ok()) return status;
  }
  return absl::OkStatus();
}

void LeaseDecoder::AddColumn(const v1::Column& column, uint32_t offset,
                             Candidate& candidate) const {
  if (!column.has_tensor()) {
    candidate.parameters.push_back({column.name(), Entry(column, static_cast<int>(offset))});
    return;
  }
  const Shape& shape = tensors_[tensor_index_.at(column.name())];
  const float* first = column.tensor().values().data() + size_t{offset} * shape.size;
  candidate.tensors.push_back({shape.name, shape.shape, {first, first + shape.size}});
}

Candidate LeaseDecoder::Decode(const v1::Lease& lease, uint32_t offset) const {
  Candidate candidate;
  candidate.step = lease.step();
  candidate.index = lease.first_index() + offset;
  candidate.purpose = lease.purpose() == v1::Lease::SCORE ? Purpose::kScore : Purpose::kSearch;
  candidate.evaluation_seed = lease.evaluation_seed();
  for (const v1::Column& column : lease.named().columns()) AddColumn(column, offset, candidate);
  if (lease.has_dense()) {
    const float* next = lease.dense().values().data() + size_t{offset} * dense_dimension_;
    for (const Shape& shape : tensors_) {
      candidate.tensors.push_back({shape.name, shape.shape, {next, next + shape.size}});
      next += shape.size;
    }
  }
  return candidate;
}

}  // namespace polystep::client
