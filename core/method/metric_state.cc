// Saved states of MetricRule.
#include <utility>

#include "core/method/metric.h"

namespace polystep {

void MetricRule::BestPoint::Save(ByteWriter& writer) const {
  writer.Bool(known);
  writer.F64(merit.violation);
  writer.F64(merit.loss);
  writer.Doubles(point);
}

bool MetricRule::BestPoint::Restore(ByteReader& reader, size_t dimension) {
  known = reader.Bool();
  merit.violation = reader.F64();
  merit.loss = reader.F64();
  point = reader.Doubles();
  return point.empty() || point.size() == dimension;
}

void MetricRule::Save(ByteWriter& writer) const {
  writer.Doubles(first_center_);
  writer.Doubles(center_);
  writer.U32(rows_);
  writer.U32(starts_);
  writer.I64(updates_);
  writer.I64(stale_);
  writer.I64(flat_);
  start_best_.Save(writer);
  record_.Save(writer);
  model_.Save(writer);
  if (context_.noisy) noise_rows_.Save(writer);
  if (!models_) return;
  mixed_ ? mixed_->Save(writer) : surrogate_.Save(writer);
  writer.U32(static_cast<uint32_t>(proposals_.size()));
  for (const std::vector<double>& proposal : proposals_) writer.Doubles(proposal);
}

bool MetricRule::RestoreModels(ByteReader& reader) {
  if (!(mixed_ ? mixed_->Restore(reader) : surrogate_.Restore(reader))) return false;
  const uint32_t count = reader.U32();
  if (count > kMostProposals) return false;
  proposals_.clear();
  for (uint32_t p = 0; p < count; ++p) {
    proposals_.push_back(reader.Doubles());
    if (proposals_.back().size() != center_.size()) return false;
  }
  return true;
}

bool MetricRule::Restore(ByteReader& reader) {
  std::vector<double> first_center = reader.Doubles();
  std::vector<double> center = reader.Doubles();
  rows_ = reader.U32();
  starts_ = reader.U32();
  updates_ = reader.I64();
  stale_ = reader.I64();
  flat_ = reader.I64();
  const size_t size = center_.size();
  if (!start_best_.Restore(reader, size) || !record_.Restore(reader, size)) return false;
  // Local moves and models begin at the best point of the start.
  if ((local_ || models_) && start_best_.known && start_best_.point.empty()) return false;
  if (!model_.Restore(reader)) return false;
  if (context_.noisy && !noise_rows_.Restore(reader)) return false;
  if (models_ && !RestoreModels(reader)) return false;
  if (first_center.size() != center_.size() || center.size() != center_.size()) return false;
  if (rows_ == 0 || rows_ > (options_.rows << kMostDoublings)) return false;
  first_center_ = std::move(first_center);
  center_ = std::move(center);
  frame_.Forget();
  RefreshFloors();
  return true;
}

}  // namespace polystep
