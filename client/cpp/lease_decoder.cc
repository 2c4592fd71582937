#include "client/cpp/lease_decoder.h"

#include <utility>

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
  auto shapes = std::make_shared<std::vector<TensorShape>>();
  for (const v1::TensorSpec& tensor : spec.tensors()) {
    TensorShape shape{tensor.name(), {tensor.shape().begin(), tensor.shape().end()}, 1};
    for (int64_t length : shape.shape) shape.size *= static_cast<uint32_t>(length);
    dense_dimension_ += shape.size;
    tensor_index_[shape.name] = shapes->size();
    shapes->push_back(std::move(shape));
  }
  tensors_ = std::move(shapes);
}

std::vector<v1::AskRequest::Encoding> LeaseDecoder::encodings(bool centers) const {
  if (parameter_count_ > 0) return {v1::AskRequest::NAMED};
  if (!centers) return {v1::AskRequest::DENSE};
  return {v1::AskRequest::SUBSPACE, v1::AskRequest::BLOCK, v1::AskRequest::DENSE};
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
    expected *= (*tensors_)[tensor->second].size;
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
  // DecodeBlock and DecodeFrames check what is in them.
  if ((lease.has_block() || lease.has_subspace()) && parameter_count_ == 0) return absl::OkStatus();
  if (!lease.has_named()) return absl::UnimplementedError("lease: an encoding not asked for");
  size_t expected = parameter_count_ + tensors_->size();
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
  const TensorShape& shape = (*tensors_)[tensor_index_.at(column.name())];
  const float* first = column.tensor().values().data() + size_t{offset} * shape.size;
  candidate.tensors.push_back({shape.name, shape.shape, {first, first + shape.size}});
}

std::vector<Candidate> LeaseDecoder::Decode(const std::shared_ptr<const v1::Lease>& lease,
                                            const std::shared_ptr<const LeaseChanges>& changes,
                                            uint32_t offset, uint32_t count) const {
  const v1::Lease& from = *lease;
  auto batch = std::make_shared<CandidateBatch>();
  batch->shapes = tensors_;
  if (changes != nullptr) batch->center = changes->center;
  batch->memory = std::make_shared<
      std::pair<std::shared_ptr<const v1::Lease>, std::shared_ptr<const LeaseChanges>>>(lease,
                                                                                        changes);
  const std::shared_ptr<const CandidateBatch> shared = std::move(batch);
  std::vector<Candidate> candidates(count);
  for (uint32_t i = 0; i < count; ++i) {
    Candidate& candidate = candidates[i];
    candidate.step = from.step();
    candidate.index = from.first_index() + offset + i;
    candidate.purpose = from.purpose() == v1::Lease::SCORE ? Purpose::kScore : Purpose::kSearch;
    candidate.evaluation_seed = from.evaluation_seed();
    if (changes != nullptr) {
      candidate.tensors = TensorList(shared, changes->Of(offset + i));
    } else if (from.has_dense()) {
      const float* row = from.dense().values().data() + size_t{offset + i} * dense_dimension_;
      candidate.tensors = TensorList(shared, absl::MakeConstSpan(row, dense_dimension_));
    } else {
      for (const v1::Column& column : from.named().columns()) {
        AddColumn(column, offset + i, candidate);
      }
    }
  }
  return candidates;
}

}  // namespace polystep::client
