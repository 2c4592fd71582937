#include "client/cpp/tensor_list.h"

namespace polystep::client {

const Center& TensorList::center() const {
  static const Center kNone;
  return has_center() ? *batch_->center : kNone;
}

absl::Span<const float> TensorList::values() const {
  if (!row_.empty()) return row_;
  if (!values_.empty()) return values_;
  if (has_center()) {
    values_ = batch_->center->values;
    for (const Change& change : changes_) values_[change.coordinate] = change.value;
  } else {
    for (const Tensor& tensor : tensors_) {
      values_.insert(values_.end(), tensor.values.begin(), tensor.values.end());
    }
  }
  return values_;
}

const std::vector<Tensor>& TensorList::list() const {
  if (batch_ == nullptr || !tensors_.empty()) return tensors_;
  const float* next = values().data();
  for (const TensorShape& shape : *batch_->shapes) {
    tensors_.push_back({shape.name, shape.shape, {next, next + shape.size}});
    next += shape.size;
  }
  return tensors_;
}

}  // namespace polystep::client
