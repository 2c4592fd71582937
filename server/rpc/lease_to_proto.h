// Leases and their candidates to the wire: columns of typed values, rows of floats,
// or changes of a center.
#ifndef POLYSTEP_SERVER_RPC_LEASE_TO_PROTO_H_
#define POLYSTEP_SERVER_RPC_LEASE_TO_PROTO_H_

#include "absl/types/span.h"
#include "core/space/search_space.h"
#include "polystep/v1/candidates.pb.h"
#include "polystep/v1/evaluation_service.pb.h"
#include "server/engine/engine.h"

namespace polystep {

// `coordinates` has count x dimension values.
v1::NamedCandidates NamedToProto(const SearchSpace& space, absl::Span<const double> coordinates);
// Of a space without parameters.
v1::DenseCandidates DenseToProto(const SearchSpace& space, absl::Span<const double> coordinates);
v1::DenseCandidates DenseToProto(const BlockChanges& block);

v1::Lease LeaseToProto(const LeaseGrant& lease);
v1::AskResponse AskResultToProto(const AskResult& result);
v1::TellResponse TellResultToProto(const TellResult& result);
v1::Renewal RenewResultToProto(const RenewResult& result);

}  // namespace polystep

#endif  // POLYSTEP_SERVER_RPC_LEASE_TO_PROTO_H_
