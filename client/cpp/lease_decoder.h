// Candidates of a lease as typed values. Immutable after Create; thread-safe.
#ifndef POLYSTEP_CLIENT_CPP_LEASE_DECODER_H_
#define POLYSTEP_CLIENT_CPP_LEASE_DECODER_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/cpp/evaluation.h"
#include "polystep/v1/evaluation_service.pb.h"
#include "polystep/v1/study.pb.h"

namespace polystep::client {

class LeaseDecoder {
 public:
  explicit LeaseDecoder(const v1::StudySpec& spec);

  // What the decoder understands, for AskRequest.encodings.
  const std::vector<v1::AskRequest::Encoding>& encodings() const { return encodings_; }

  // INTERNAL if the lease does not hold what the spec promises: a column is missing or short.
  // UNIMPLEMENTED for an encoding that was not asked for.
  absl::Status Check(const v1::Lease& lease) const;

  // Candidate `offset` of a checked lease; offset < lease.count().
  Candidate Decode(const v1::Lease& lease, uint32_t offset) const;

 private:
  struct Shape {
    std::string name;
    std::vector<int64_t> shape;
    uint32_t size = 1;
  };
  absl::Status CheckColumn(const v1::Column& column, uint32_t count) const;
  void AddColumn(const v1::Column& column, uint32_t offset, Candidate& candidate) const;

  size_t parameter_count_ = 0;
  std::vector<Shape> tensors_;
  std::map<std::string, size_t> tensor_index_;
  uint32_t dense_dimension_ = 0;
  std::vector<v1::AskRequest::Encoding> encodings_;
};

}  // namespace polystep::client

#endif  // POLYSTEP_CLIENT_CPP_LEASE_DECODER_H_
