// The tensors of one candidate, however they came over the wire, and what sets it apart from the
// center of its step. Nothing is copied before someone looks: see Candidate in evaluation.h.
//
// A value. The first look at the values of one object is not to be raced by a second thread.
#ifndef POLYSTEP_CLIENT_CPP_TENSOR_LIST_H_
#define POLYSTEP_CLIENT_CPP_TENSOR_LIST_H_

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/types/span.h"

namespace polystep::client {

struct TensorShape {
  std::string name;
  std::vector<int64_t> shape;
  uint32_t size = 1;  // elements
};

struct Tensor {
  std::string name;
  std::vector<int64_t> shape;
  std::vector<float> values;  // row-major
};

// A coordinate counts through all tensors of the study, one after the other, each row-major.
struct Change {
  uint32_t coordinate = 0;
  float value = 0.0f;

  friend bool operator==(const Change&, const Change&) = default;
};

// Coordinates [first, first + size).
struct CoordinateRun {
  uint32_t first = 0;
  uint32_t size = 0;

  friend bool operator==(const CoordinateRun&, const CoordinateRun&) = default;
};

// A point that many candidates differ little from. Equal ids mean equal values.
struct Center {
  std::string id;
  std::vector<float> values;  // of all tensors, one after the other
  // Where it came as a difference from another one: that one's id, and the coordinates outside of
  // which the two are equal, ascending.
  std::string base_id = {};
  std::vector<CoordinateRun> changed = {};
};

// What the candidates of one batch share. Immutable.
struct CandidateBatch {
  std::shared_ptr<const std::vector<TensorShape>> shapes;
  std::shared_ptr<const Center> center;  // null: candidates are whole
  std::shared_ptr<const void> memory;    // keeps changes, and whole candidates
};

class TensorList {
 public:
  TensorList() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): a list of tensors is one
  TensorList(std::initializer_list<Tensor> tensors) : tensors_(tensors) {}
  // The batch's center with these changes, in memory that the batch keeps.
  TensorList(std::shared_ptr<const CandidateBatch> batch, absl::Span<const Change> changes)
      : batch_(std::move(batch)), changes_(changes) {}
  // A whole candidate, in memory that the batch keeps.
  TensorList(std::shared_ptr<const CandidateBatch> batch, absl::Span<const float> row)
      : batch_(std::move(batch)), row_(row) {}

  size_t size() const { return list().size(); }
  bool empty() const { return size() == 0; }
  const Tensor& operator[](size_t i) const { return list()[i]; }
  auto begin() const { return list().begin(); }
  auto end() const { return list().end(); }
  void push_back(Tensor tensor) { tensors_.push_back(std::move(tensor)); }

  // All tensors one after the other.
  absl::Span<const float> values() const;

  bool has_center() const { return batch_ != nullptr && batch_->center != nullptr; }
  const Center& center() const;  // empty without one
  absl::Span<const Change> changes() const { return changes_; }

 private:
  const std::vector<Tensor>& list() const;

  std::shared_ptr<const CandidateBatch> batch_;  // null: tensors_ were given
  absl::Span<const Change> changes_;
  absl::Span<const float> row_;
  mutable std::vector<Tensor> tensors_;  // filled when looked at
  mutable std::vector<float> values_;    // likewise
};

}  // namespace polystep::client

#endif  // POLYSTEP_CLIENT_CPP_TENSOR_LIST_H_
