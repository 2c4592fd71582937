// Candidates of a lease as typed values. Immutable after Create; thread-safe.
#ifndef POLYSTEP_CLIENT_CPP_LEASE_DECODER_H_
#define POLYSTEP_CLIENT_CPP_LEASE_DECODER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/cpp/block_decoder.h"
#include "client/cpp/evaluation.h"
#include "polystep/v1/evaluation_service.pb.h"
#include "polystep/v1/study.pb.h"

namespace polystep::client {

class LeaseDecoder {
 public:
  explicit LeaseDecoder(const v1::StudySpec& spec);

  // Encodings for AskRequest.encodings: those of whole candidates; with `centers`, which the caller
  // must be able to fetch, SUBSPACE and BLOCK before them where the study may have it.
  std::vector<v1::AskRequest::Encoding> encodings(bool centers = false) const;

  // Elements of all tensors.
  uint32_t dimension() const { return dense_dimension_; }

  // INTERNAL if the lease does not hold what the spec promises: a column is missing or short.
  // UNIMPLEMENTED for an encoding that was not asked for.
  absl::Status Check(const v1::Lease& lease) const;

  // Candidates [offset, offset + count) of a checked lease. They share the memory of the lease and
  // of its changes (block-encoded: else null) and keep it.
  std::vector<Candidate> Decode(const std::shared_ptr<const v1::Lease>& lease,
                                const std::shared_ptr<const LeaseChanges>& changes, uint32_t offset,
                                uint32_t count) const;

 private:
  absl::Status CheckColumn(const v1::Column& column, uint32_t count) const;
  void AddColumn(const v1::Column& column, uint32_t offset, Candidate& candidate) const;

  size_t parameter_count_ = 0;
  std::shared_ptr<const std::vector<TensorShape>> tensors_;
  std::map<std::string, size_t> tensor_index_;
  uint32_t dense_dimension_ = 0;
};

}  // namespace polystep::client

#endif  // POLYSTEP_CLIENT_CPP_LEASE_DECODER_H_
