#include "server/engine/optimizer_codec.h"

#include "server/engine/codec_fields.h"

namespace polystep {
namespace {

void WriteSchedule(const std::optional<Schedule>& schedule, ByteWriter& out) {
  WriteOptional(schedule, out, [&](const Schedule& s) {
    WriteEnum(s.kind, out);
    out.F64(s.initial);
    out.F64(s.target);
    out.F64(s.decay);
    out.I64(s.total_steps);
    out.F64(s.restart_multiplier);
  });
}

bool ReadSchedule(ByteReader& in, std::optional<Schedule>& schedule) {
  schedule.reset();
  if (!in.Bool()) return in.ok();
  Schedule& s = schedule.emplace();
  if (!ReadEnum(in, Schedule::Kind::kRamp, s.kind)) return false;
  s.initial = in.F64();
  s.target = in.F64();
  s.decay = in.F64();
  s.total_steps = in.I64();
  s.restart_multiplier = in.F64();
  return in.ok();
}

// Numbers of optimizer.proto.
enum class Tag : uint8_t {
  kEnd = 0,
  kSolver = 16,
  kTopK = 17,
  kKlPenalty = 18,
  kMomentum = 19,
  kCoastSteps = 20,
  kRadiusControl = 21,
  kQuadraticModel = 22,
  kBiasedRotation = 23,
  kSubspace = 24,
  kWeightDecay = 25,
};

template <class T, class WriteOne>
void WriteField(Tag tag, const std::optional<T>& value, ByteWriter& out, WriteOne write) {
  if (!value) return;
  WriteEnum(tag, out);
  write(*value);
}

void WriteTagged(const OptimizerSpec& spec, ByteWriter& out) {
  const auto number = [&](uint32_t value) { out.U32(value); };
  const auto flag = [&](bool value) { out.Bool(value); };
  const auto any_enum = [&](auto value) { WriteEnum(value, out); };
  WriteField(Tag::kSolver, spec.solver, out, any_enum);
  WriteField(Tag::kTopK, spec.top_k, out, number);
  WriteField(Tag::kKlPenalty, spec.kl_penalty, out, [&](double value) { out.F64(value); });
  WriteField(Tag::kMomentum, spec.momentum, out,
             [&](const Schedule& schedule) { WriteSchedule(schedule, out); });
  WriteField(Tag::kCoastSteps, spec.coast_steps, out, number);
  WriteField(Tag::kRadiusControl, spec.radius_control, out, any_enum);
  WriteField(Tag::kQuadraticModel, spec.quadratic_model, out, flag);
  WriteField(Tag::kBiasedRotation, spec.biased_rotation, out, flag);
  WriteField(Tag::kSubspace, spec.subspace, out, [&](const SubspaceSpec& subspace) {
    WriteU32(subspace.rank, out);
    WriteU32(subspace.max_dimension, out);
    WriteU32(subspace.redraw_every, out);
  });
  WriteField(Tag::kWeightDecay, spec.weight_decay, out, [&](double value) { out.F64(value); });
  WriteEnum(Tag::kEnd, out);
}

bool ReadSubspace(ByteReader& in, SubspaceSpec& subspace) {
  ReadU32(in, subspace.rank);
  ReadU32(in, subspace.max_dimension);
  ReadU32(in, subspace.redraw_every);
  return in.ok();
}

bool ReadField(Tag tag, ByteReader& in, OptimizerSpec& spec) {
  switch (tag) {
    case Tag::kSolver:
      return ReadEnum(in, Solver::kKlSoftmax, spec.solver.emplace());
    case Tag::kTopK:
      spec.top_k = in.U32();
      return in.ok();
    case Tag::kKlPenalty:
      spec.kl_penalty = in.F64();
      return in.ok();
    case Tag::kMomentum:
      return ReadSchedule(in, spec.momentum);
    case Tag::kCoastSteps:
      spec.coast_steps = in.U32();
      return in.ok();
    case Tag::kRadiusControl:
      return ReadEnum(in, RadiusControl::kTrustRegion, spec.radius_control.emplace());
    case Tag::kQuadraticModel:
      spec.quadratic_model = in.Bool();
      return in.ok();
    case Tag::kBiasedRotation:
      spec.biased_rotation = in.Bool();
      return in.ok();
    case Tag::kSubspace:
      return ReadSubspace(in, spec.subspace.emplace());
    case Tag::kWeightDecay:
      spec.weight_decay = in.F64();
      return in.ok();
    case Tag::kEnd:
      break;
  }
  return false;
}

// Every field at most once, since tags ascend.
bool ReadTagged(ByteReader& in, OptimizerSpec& spec) {
  uint8_t last = 0;
  for (uint8_t tag = in.U8(); tag != 0; tag = in.U8()) {
    if (tag <= last || !ReadField(static_cast<Tag>(tag), in, spec)) return false;
    last = tag;
  }
  return in.ok();
}

}  // namespace

void WriteOptimizer(const OptimizerSpec& spec, ByteWriter& out) {
  WriteEnum(spec.method, out);
  out.U32(spec.parallelism);
  WriteOptionalEnum(spec.polytope, out);
  WriteU32(spec.particles, out);
  WriteU32(spec.particle_dim, out);
  WriteU32(spec.frame_size, out);
  WriteU32(spec.probes, out);
  WriteSchedule(spec.epsilon, out);
  WriteSchedule(spec.step_radius, out);
  WriteSchedule(spec.probe_radius, out);
  WriteOptionalEnum(spec.loss_scale, out);
  WriteF64(spec.loss_scale_constant, out);
  WriteBool(spec.restarts, out);
  WriteTagged(spec, out);
}

bool ReadOptimizer(ByteReader& in, OptimizerSpec& spec) {
  if (!ReadEnum(in, Method::kRows, spec.method)) return false;
  spec.parallelism = in.U32();
  if (!ReadOptionalEnum(in, Polytope::kCube, spec.polytope)) return false;
  ReadU32(in, spec.particles);
  ReadU32(in, spec.particle_dim);
  ReadU32(in, spec.frame_size);
  ReadU32(in, spec.probes);
  if (!ReadSchedule(in, spec.epsilon) || !ReadSchedule(in, spec.step_radius) ||
      !ReadSchedule(in, spec.probe_radius) ||
      !ReadOptionalEnum(in, LossScale::kRowRank, spec.loss_scale)) {
    return false;
  }
  ReadF64(in, spec.loss_scale_constant);
  ReadBool(in, spec.restarts);
  return in.ok() && ReadTagged(in, spec);
}

}  // namespace polystep
