#include "core/method/vertex_weights.h"

#include "core/method/barycenter.h"

namespace polystep {

VertexWeights::VertexWeights(TransportOptions options, Polytope polytope) : options_(options) {
  weighting_.scale = options_.loss_scale;
  weighting_.constant = options_.loss_scale_constant;
  weighting_.holes = HolesOf(polytope);
  weighting_.solver = options_.solver;
  weighting_.top_k = options_.top_k;
  weighting_.kl_penalty = options_.kl_penalty;
}

void VertexWeights::Solve(int64_t t, const LossMatrix& matrix, absl::Span<double> weights) {
  weighting_.epsilon = options_.epsilon.At(t);
  summary_ = TransportWeights(weighting_, matrix, &duals_, weights);
}

void VertexWeights::Begin(int64_t t) {
  weighting_.epsilon = options_.epsilon.At(t);
  rows_.emplace(weighting_);
}

void VertexWeights::SolvePart(const LossMatrix& matrix, absl::Span<double> weights) {
  rows_->Solve(matrix, weights);
}

void VertexWeights::Finish() {
  summary_ = rows_->Summary();
  rows_.reset();
}

double VertexWeights::Rate(const StepLengths& lengths, size_t dim) const {
  return LinearRate(lengths, weighting_, summary_.inverse_divisor, dim);
}

void VertexWeights::Save(ByteWriter& writer) const {
  writer.Doubles(duals_.rows);
  writer.Doubles(duals_.columns);
  writer.F64(duals_.epsilon);
}

bool VertexWeights::Restore(ByteReader& reader) {
  duals_.rows = reader.Doubles();
  duals_.columns = reader.Doubles();
  duals_.epsilon = reader.F64();
  return reader.ok() && (duals_.rows.empty() || duals_.epsilon > 0.0);
}

}  // namespace polystep
