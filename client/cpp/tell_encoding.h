// Answers as the slices of a TellRequest. Not thread-safe.
#ifndef POLYSTEP_CLIENT_CPP_TELL_ENCODING_H_
#define POLYSTEP_CLIENT_CPP_TELL_ENCODING_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "client/cpp/evaluation.h"
#include "polystep/v1/evaluation_service.pb.h"

namespace polystep::client {

// Writes answers, by ascending index, into the slices of one request: a slice per run of
// consecutive indices, failures with their reasons.
class SliceWriter {
 public:
  // `violations`: whether an answer may have one.
  SliceWriter(v1::TellRequest* request, bool violations)
      : request_(request), loss_bytes_(sizeof(double) * (violations ? 2 : 1)) {}

  void Add(uint32_t index, const EvaluationResult& result);
  // What was written takes about so much on the wire, never more.
  size_t bytes() const { return bytes_; }

 private:
  v1::TellRequest* const request_;
  const size_t loss_bytes_;
  v1::LossSlice* slice_ = nullptr;
  uint32_t next_index_ = 0;
  size_t bytes_ = 0;
};

// `text` cut to `max_bytes`, with everything that is not valid UTF-8 replaced by '?': what a
// simulator printed may be anything, and a proto string must be UTF-8.
std::string AsUtf8(std::string_view text, size_t max_bytes);

}  // namespace polystep::client

#endif  // POLYSTEP_CLIENT_CPP_TELL_ENCODING_H_
