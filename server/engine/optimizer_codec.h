// The byte encoding of an OptimizerSpec, part of that of a study's spec (spec_codec.h).
//
// Fields of the first version in order, then those that were given of all others, each behind its
// tag, the number it has in optimizer.proto; a tag of 0 ends them. A field that is added later
// leaves the bytes, and so the digests, of studies without it as they are. Pure functions.
#ifndef POLYSTEP_SERVER_ENGINE_OPTIMIZER_CODEC_H_
#define POLYSTEP_SERVER_ENGINE_OPTIMIZER_CODEC_H_

#include "core/base/bytes.h"
#include "core/search/optimizer_spec.h"

namespace polystep {

void WriteOptimizer(const OptimizerSpec& spec, ByteWriter& out);
// False if the bytes are not such a spec.
bool ReadOptimizer(ByteReader& in, OptimizerSpec& spec);

}  // namespace polystep

#endif  // POLYSTEP_SERVER_ENGINE_OPTIMIZER_CODEC_H_
