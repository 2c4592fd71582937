// Answers as the slices of a TellRequest. Thread-safe as functions.
#ifndef POLYSTEP_CLIENT_CPP_TELL_ENCODING_H_
#define POLYSTEP_CLIENT_CPP_TELL_ENCODING_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "client/cpp/evaluation.h"
#include "polystep/v1/evaluation_service.pb.h"

namespace polystep::client {

// Moves the first answers (by index), at most `max_count`, into `request`: one slice per run of
// consecutive indices, failures with their reasons.
void EncodeAnswers(std::map<uint32_t, EvaluationResult>& answers, uint32_t max_count,
                   v1::TellRequest& request);

// `text` cut to `max_bytes`, with everything that is not valid UTF-8 replaced by '?': what a
// simulator printed may be anything, and a proto string must be UTF-8.
std::string AsUtf8(std::string_view text, size_t max_bytes);

}  // namespace polystep::client

#endif  // POLYSTEP_CLIENT_CPP_TELL_ENCODING_H_
