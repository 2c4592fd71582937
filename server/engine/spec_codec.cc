#include "server/engine/spec_codec.h"

#include <limits>
#include <string>
#include <variant>

#include "server/engine/codec_fields.h"
#include "server/engine/optimizer_codec.h"

namespace polystep {
namespace {

void WriteDomain(const Domain& domain, ByteWriter& out) {
  out.U8(static_cast<uint8_t>(domain.index()));
  if (const auto* real = std::get_if<RealDomain>(&domain)) {
    WriteF64(real->min, out);
    WriteF64(real->max, out);
    WriteEnum(real->scale, out);
    WriteF64(real->initial, out);
  } else if (const auto* integer = std::get_if<IntegerDomain>(&domain)) {
    out.I64(integer->min);
    out.I64(integer->max);
    WriteEnum(integer->scale, out);
    WriteI64(integer->initial, out);
  } else if (const auto* discrete = std::get_if<DiscreteDomain>(&domain)) {
    out.Doubles(discrete->values);
    WriteF64(discrete->initial, out);
  } else if (const auto* categorical = std::get_if<CategoricalDomain>(&domain)) {
    out.U64(categorical->choices.size());
    for (const std::string& choice : categorical->choices) out.Text(choice);
    WriteOptional(categorical->initial, out, [&](const std::string& v) { out.Text(v); });
  } else {
    WriteBool(std::get<BooleanDomain>(domain).initial, out);
  }
}

bool ReadReal(ByteReader& in, RealDomain& real) {
  ReadF64(in, real.min);
  ReadF64(in, real.max);
  if (!ReadEnum(in, Scale::kLogit, real.scale)) return false;
  ReadF64(in, real.initial);
  return in.ok();
}

bool ReadInteger(ByteReader& in, IntegerDomain& integer) {
  integer.min = in.I64();
  integer.max = in.I64();
  if (!ReadEnum(in, Scale::kLogit, integer.scale)) return false;
  ReadI64(in, integer.initial);
  return in.ok();
}

bool ReadCategorical(ByteReader& in, CategoricalDomain& categorical) {
  if (!ReadList(in, categorical.choices, [&](std::string& choice) {
        choice = in.Text();
        return true;
      })) {
    return false;
  }
  ReadOptional(in, categorical.initial, [&] { return in.Text(); });
  return in.ok();
}

bool ReadDomain(ByteReader& in, Domain& domain) {
  switch (in.U8()) {
    case 0:
      return ReadReal(in, domain.emplace<RealDomain>());
    case 1:
      return ReadInteger(in, domain.emplace<IntegerDomain>());
    case 2: {
      auto& discrete = domain.emplace<DiscreteDomain>();
      discrete.values = in.Doubles();
      ReadF64(in, discrete.initial);
      return in.ok();
    }
    case 3:
      return ReadCategorical(in, domain.emplace<CategoricalDomain>());
    case 4:
      ReadBool(in, domain.emplace<BooleanDomain>().initial);
      return in.ok();
    default:
      return false;
  }
}

void WriteTensor(const TensorSpec& tensor, SpecNames names, ByteWriter& out) {
  out.Text(names == SpecNames::kKeep ? tensor.name : "");
  out.U64(tensor.shape.size());
  for (int64_t size : tensor.shape) out.I64(size);
  WriteEnum(tensor.kind, out);
  WriteF64(tensor.min, out);
  WriteF64(tensor.max, out);
  WriteEnum(tensor.initializer.kind, out);
  out.F64(tensor.initializer.scale);
  out.F64(tensor.initializer.constant);
  if (tensor.initializer.kind == Initializer::Kind::kUploaded) {
    out.Text(tensor.initializer.content_id);
  }
}

bool ReadTensor(ByteReader& in, TensorSpec& tensor) {
  tensor.name = in.Text();
  if (!ReadList(in, tensor.shape, [&](int64_t& size) {
        size = in.I64();
        return true;
      })) {
    return false;
  }
  if (!ReadEnum(in, TensorKind::kBinary, tensor.kind)) return false;
  ReadF64(in, tensor.min);
  ReadF64(in, tensor.max);
  if (!ReadEnum(in, Initializer::Kind::kUploaded, tensor.initializer.kind)) return false;
  tensor.initializer.scale = in.F64();
  tensor.initializer.constant = in.F64();
  if (tensor.initializer.kind == Initializer::Kind::kUploaded) {
    tensor.initializer.content_id = in.Text();
  }
  return in.ok();
}

void WritePoint(const InitialPoint& initial, ByteWriter& out) {
  out.U64(initial.point.parameters.size());
  for (const Value& value : initial.point.parameters) {
    out.U8(static_cast<uint8_t>(value.index()));
    if (const auto* number = std::get_if<double>(&value)) out.F64(*number);
    if (const auto* integer = std::get_if<int64_t>(&value)) out.I64(*integer);
    if (const auto* boolean = std::get_if<bool>(&value)) out.Bool(*boolean);
    if (const auto* text = std::get_if<std::string>(&value)) out.Text(*text);
  }
  out.U64(initial.point.tensors.size());
  for (const std::vector<float>& tensor : initial.point.tensors) {
    out.Doubles(std::vector<double>(tensor.begin(), tensor.end()));
  }
  WriteF64(initial.loss, out);
}

bool ReadValue(ByteReader& in, Value& value) {
  switch (in.U8()) {
    case 0:
      value = in.F64();
      return true;
    case 1:
      value = in.I64();
      return true;
    case 2:
      value = in.Bool();
      return true;
    case 3:
      value = in.Text();
      return true;
    default:
      return false;
  }
}

bool ReadPoint(ByteReader& in, InitialPoint& initial) {
  auto read_value = [&](Value& value) { return ReadValue(in, value); };
  auto read_tensor = [&](std::vector<float>& tensor) {
    std::vector<double> values = in.Doubles();
    tensor.assign(values.begin(), values.end());
    return true;
  };
  if (!ReadList(in, initial.point.parameters, read_value) ||
      !ReadList(in, initial.point.tensors, read_tensor)) {
    return false;
  }
  ReadF64(in, initial.loss);
  return in.ok();
}

}  // namespace

void WriteDuration(absl::Duration value, ByteWriter& out) {
  out.I64(value == absl::InfiniteDuration() ? std::numeric_limits<int64_t>::max()
                                            : absl::ToInt64Nanoseconds(value));
}

absl::Duration ReadDuration(ByteReader& in) {
  int64_t ns = in.I64();
  return ns == std::numeric_limits<int64_t>::max() ? absl::InfiniteDuration()
                                                   : absl::Nanoseconds(ns);
}

void WriteSearchSpec(const SearchSpec& spec, SpecNames names, ByteWriter& out) {
  out.U64(spec.parameters.size());
  for (const ParameterSpec& parameter : spec.parameters) {
    out.Text(names == SpecNames::kKeep ? parameter.name : "");
    WriteDomain(parameter.domain, out);
  }
  out.U64(spec.tensors.size());
  for (const TensorSpec& tensor : spec.tensors) WriteTensor(tensor, names, out);
  WriteOptimizer(spec.optimizer, out);
  out.U64(spec.seed);
  WriteEnum(spec.noise, out);
  out.U32(spec.repeats);
  out.U32(spec.score_every);
  out.U64(spec.initial_points.size());
  for (const InitialPoint& initial : spec.initial_points) WritePoint(initial, out);
  out.I64(spec.horizon_evaluations);
  out.I64(spec.horizon_steps);
}

bool ReadSearchSpec(ByteReader& in, SearchSpec& spec) {
  auto read_parameter = [&](ParameterSpec& parameter) {
    parameter.name = in.Text();
    return ReadDomain(in, parameter.domain);
  };
  auto read_tensor = [&](TensorSpec& tensor) { return ReadTensor(in, tensor); };
  auto read_point = [&](InitialPoint& initial) { return ReadPoint(in, initial); };
  if (!ReadList(in, spec.parameters, read_parameter) || !ReadList(in, spec.tensors, read_tensor) ||
      !ReadOptimizer(in, spec.optimizer)) {
    return false;
  }
  spec.seed = in.U64();
  if (!ReadEnum(in, Noise::kNoisy, spec.noise)) return false;
  spec.repeats = in.U32();
  spec.score_every = in.U32();
  if (!ReadList(in, spec.initial_points, read_point)) return false;
  spec.horizon_evaluations = in.I64();
  spec.horizon_steps = in.I64();
  return in.ok();
}

void WriteLeasePolicy(const LeasePolicy& policy, ByteWriter& out) {
  WriteDuration(policy.ttl, out);
  WriteDuration(policy.max_attempt_time, out);
  out.U32(policy.max_attempts);
  out.U32(policy.max_lost);
  out.Bool(policy.backup_leases);
  out.F64(policy.max_failed_fraction);
}

bool ReadLeasePolicy(ByteReader& in, LeasePolicy& policy) {
  policy.ttl = ReadDuration(in);
  policy.max_attempt_time = ReadDuration(in);
  policy.max_attempts = in.U32();
  policy.max_lost = in.U32();
  policy.backup_leases = in.Bool();
  policy.max_failed_fraction = in.F64();
  return in.ok();
}

void WriteStopCriteria(const StopCriteria& stop, ByteWriter& out) {
  WriteI64(stop.max_steps, out);
  WriteI64(stop.max_evaluations, out);
  WriteOptional(stop.max_time, out, [&](absl::Duration v) { WriteDuration(v, out); });
  WriteF64(stop.target_loss, out);
  WriteI64(stop.patience_steps, out);
}

bool ReadStopCriteria(ByteReader& in, StopCriteria& stop) {
  ReadI64(in, stop.max_steps);
  ReadI64(in, stop.max_evaluations);
  ReadOptional(in, stop.max_time, [&] { return ReadDuration(in); });
  ReadF64(in, stop.target_loss);
  ReadI64(in, stop.patience_steps);
  return in.ok();
}

void WriteStudySpec(const StudySpec& spec, ByteWriter& out) {
  WriteSearchSpec(spec.search, SpecNames::kKeep, out);
  out.Bool(spec.seed_given);
  WriteEnum(spec.goal, out);
  WriteEnum(spec.non_finite, out);
  WriteLeasePolicy(spec.lease, out);
  WriteStopCriteria(spec.stop, out);
}

bool ReadStudySpec(ByteReader& in, StudySpec& spec) {
  if (!ReadSearchSpec(in, spec.search)) return false;
  spec.seed_given = in.Bool();
  if (!ReadEnum(in, Goal::kMaximize, spec.goal) ||
      !ReadEnum(in, NonFinite::kReject, spec.non_finite)) {
    return false;
  }
  return ReadLeasePolicy(in, spec.lease) && ReadStopCriteria(in, spec.stop);
}

}  // namespace polystep
