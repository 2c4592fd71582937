#include "server/rpc/lease_to_proto.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "server/engine/limits.h"
#include "server/rpc/block_to_proto.h"
#include "server/rpc/enum_tables.h"
#include "server/rpc/frames_to_proto.h"
#include "server/rpc/resource_names.h"
#include "server/rpc/time_proto.h"

namespace polystep {
namespace {

void AddValue(const ParameterSpec& spec, const Value& value, v1::Column& column) {
  if (std::holds_alternative<RealDomain>(spec.domain)) {
    column.mutable_real()->add_values(std::get<double>(value));
  } else if (std::holds_alternative<IntegerDomain>(spec.domain)) {
    column.mutable_integer()->add_values(std::get<int64_t>(value));
  } else if (std::holds_alternative<DiscreteDomain>(spec.domain)) {
    column.mutable_discrete()->add_values(std::get<double>(value));
  } else if (std::holds_alternative<CategoricalDomain>(spec.domain)) {
    column.mutable_categorical()->add_values(std::get<std::string>(value));
  } else {
    column.mutable_boolean()->add_values(std::get<bool>(value));
  }
}

int64_t ElementCount(const TensorSpec& tensor) {
  int64_t count = 1;
  for (int64_t length : tensor.shape) count *= length;
  return count;
}

// Decodes row after row, so that one point at a time is in memory.
template <class Visit>
void ForEachPoint(const SearchSpace& space, absl::Span<const double> coordinates, Visit visit) {
  size_t dimension = static_cast<size_t>(space.dimension());
  for (size_t row = 0; row < coordinates.size() / dimension; ++row) {
    visit(space.Decode(coordinates.subspan(row * dimension, dimension)));
  }
}

void AddRanges(const std::vector<IndexRange>& ranges,
               google::protobuf::RepeatedPtrField<v1::IndexRange>& to) {
  for (const IndexRange& range : ranges) {
    v1::IndexRange& proto = *to.Add();
    proto.set_first_index(range.first);
    proto.set_count(range.count);
  }
}

// Where it fits: GetCenter has the others.
void AddCenter(const CenterView& center, v1::Lease& lease) {
  const uint64_t taken = lease.ByteSizeLong() + 64;  // with the response around it
  if (taken >= limits::kResponseBytes) return;
  std::optional<v1::CenterChunk> chunk = OnlyChunk(center, limits::kResponseBytes - taken);
  if (chunk) *lease.mutable_center() = *std::move(chunk);
}

}  // namespace

v1::NamedCandidates NamedToProto(const SearchSpace& space, absl::Span<const double> coordinates) {
  v1::NamedCandidates proto;
  const size_t parameters = space.parameters().size();
  for (const ParameterSpec& spec : space.parameters()) proto.add_columns()->set_name(spec.name);
  for (const TensorSpec& spec : space.tensors()) {
    v1::Column& column = *proto.add_columns();
    column.set_name(spec.name);
    column.mutable_tensor()->set_size(static_cast<uint32_t>(ElementCount(spec)));
  }
  ForEachPoint(space, coordinates, [&](const Point& point) {
    for (size_t i = 0; i < parameters; ++i) {
      AddValue(space.parameters()[i], point.parameters[i],
               *proto.mutable_columns(static_cast<int>(i)));
    }
    for (size_t i = 0; i < point.tensors.size(); ++i) {
      v1::Column& column = *proto.mutable_columns(static_cast<int>(parameters + i));
      column.mutable_tensor()->mutable_values()->Add(point.tensors[i].begin(),
                                                     point.tensors[i].end());
    }
  });
  return proto;
}

v1::DenseCandidates DenseToProto(const SearchSpace& space, absl::Span<const double> coordinates) {
  v1::DenseCandidates proto;
  const auto dimension = static_cast<size_t>(space.dimension());
  proto.set_dimension(static_cast<uint32_t>(dimension));
  proto.mutable_values()->Resize(static_cast<int>(coordinates.size()), 0.0F);
  float* values = proto.mutable_values()->mutable_data();
  for (size_t first = 0; first < coordinates.size(); first += dimension) {
    space.DecodeElements(0, coordinates.subspan(first, dimension), {values + first, dimension});
  }
  return proto;
}

v1::DenseCandidates DenseToProto(const BlockChanges& block) {
  v1::DenseCandidates proto;
  const std::vector<float>& center = block.center->values;
  proto.set_dimension(static_cast<uint32_t>(center.size()));
  proto.mutable_values()->Reserve(static_cast<int>(block.ranges.size() * center.size()));
  const float* changed = block.values.data();
  for (const SearchSpace::Range& range : block.ranges) {
    const int first = proto.values_size();
    proto.mutable_values()->Add(center.begin(), center.end());
    if (range.size == 0) continue;
    std::copy_n(changed, range.size, proto.mutable_values()->mutable_data() + first + range.first);
    changed += range.size;
  }
  return proto;
}

v1::Lease LeaseToProto(const LeaseGrant& lease) {
  v1::Lease proto;
  proto.set_study(StudyName(lease.study));
  proto.set_token(lease.token);
  proto.set_step(lease.step);
  proto.set_first_index(lease.first_index);
  proto.set_count(lease.count);
  proto.set_backup(lease.backup);
  *proto.mutable_ttl() = DurationToProto(lease.ttl);
  *proto.mutable_expire_time() = TimeToProto(lease.expire_time);
  proto.set_evaluation_seed(lease.evaluation_seed);
  proto.set_purpose(EnumToProto(kPurposes, lease.purpose));
  if (lease.encoding == Encoding::kBlock) {
    *proto.mutable_block() = BlockToProto(lease.block);
  } else if (lease.encoding == Encoding::kSubspace) {
    *proto.mutable_subspace() = FramesToProto(lease.frames);
  } else if (lease.encoding == Encoding::kDense) {
    *proto.mutable_dense() = lease.block.center != nullptr
                                 ? DenseToProto(lease.block)
                                 : DenseToProto(*lease.space, lease.coordinates);
  } else {
    *proto.mutable_named() = NamedToProto(*lease.space, lease.coordinates);
  }
  if (lease.center) AddCenter(*lease.center, proto);
  return proto;
}

v1::AskResponse AskResultToProto(const AskResult& result) {
  v1::AskResponse proto;
  if (result.lease) *proto.mutable_lease() = LeaseToProto(*result.lease);
  proto.set_study_state(EnumToProto(kStudyStates, result.study_state));
  if (!result.lease) *proto.mutable_retry_delay() = DurationToProto(result.retry_delay);
  return proto;
}

v1::TellResponse TellResultToProto(const TellResult& result) {
  v1::TellResponse proto;
  proto.set_accepted(result.accepted);
  proto.set_duplicate(result.duplicate);
  proto.set_stale(result.stale);
  proto.set_conflicting(result.conflicting);
  proto.set_committed_step(result.committed_step);
  *proto.mutable_ttl() = DurationToProto(result.ttl);
  if (result.next) *proto.mutable_next() = AskResultToProto(*result.next);
  AddRanges(result.not_needed, *proto.mutable_not_needed());
  return proto;
}

v1::Renewal RenewResultToProto(const RenewResult& result) {
  v1::Renewal proto;
  proto.set_known(result.known);
  *proto.mutable_ttl() = DurationToProto(result.ttl);
  AddRanges(result.not_needed, *proto.mutable_not_needed());
  return proto;
}

}  // namespace polystep
