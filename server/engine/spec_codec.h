// Byte encodings of specs, for records and for the digest of a study's identity.
//
// The layout is part of the stored format (server/storage/FORMAT.md): fields are only added, under
// a new record version. Reading checks every enum and count, so damaged bytes give a false reader
// and never a value out of range. Pure functions.
#ifndef POLYSTEP_SERVER_ENGINE_SPEC_CODEC_H_
#define POLYSTEP_SERVER_ENGINE_SPEC_CODEC_H_

#include "core/base/bytes.h"
#include "server/engine/study_spec.h"

namespace polystep {

// The digest leaves out the names of parameters and tensors: a renamed study is the same search.
enum class SpecNames : uint8_t { kKeep, kLeaveOut };

void WriteSearchSpec(const SearchSpec& spec, SpecNames names, ByteWriter& out);
// False if the bytes are not such a spec.
bool ReadSearchSpec(ByteReader& in, SearchSpec& spec);

void WriteStudySpec(const StudySpec& spec, ByteWriter& out);
bool ReadStudySpec(ByteReader& in, StudySpec& spec);

void WriteStopCriteria(const StopCriteria& stop, ByteWriter& out);
bool ReadStopCriteria(ByteReader& in, StopCriteria& stop);
void WriteLeasePolicy(const LeasePolicy& policy, ByteWriter& out);
bool ReadLeasePolicy(ByteReader& in, LeasePolicy& policy);

// Nanoseconds; the largest value is for ever.
void WriteDuration(absl::Duration value, ByteWriter& out);
absl::Duration ReadDuration(ByteReader& in);

}  // namespace polystep

#endif  // POLYSTEP_SERVER_ENGINE_SPEC_CODEC_H_
