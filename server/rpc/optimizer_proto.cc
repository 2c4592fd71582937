#include "server/rpc/optimizer_proto.h"

#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/base/field_error.h"
#include "server/rpc/enum_tables.h"

namespace polystep {
namespace {

absl::Status RequireFinite(const std::string& field, bool given, double value) {
  if (!given) return FieldError(field, "is required");
  if (!std::isfinite(value)) return FieldError(field, absl::StrCat("must be finite, is ", value));
  return absl::OkStatus();
}

absl::StatusOr<Schedule> ScheduleFromProto(const std::string& path, const v1::Schedule& proto) {
  absl::StatusOr<Schedule::Kind> kind =
      EnumFromProto(absl::StrCat(path, ".kind"), kScheduleKinds, proto.kind());
  if (!kind.ok()) return kind.status();
  absl::Status initial =
      RequireFinite(absl::StrCat(path, ".initial"), proto.has_initial(), proto.initial());
  if (!initial.ok()) return initial;
  Schedule schedule;
  schedule.kind = *kind;
  schedule.initial = proto.initial();
  schedule.target = proto.initial();
  if (*kind != Schedule::Kind::kConstant) {
    absl::Status target =
        RequireFinite(absl::StrCat(path, ".target"), proto.has_target(), proto.target());
    if (!target.ok()) return target;
    schedule.target = proto.target();
  }
  if (!(proto.decay() >= 0) || !std::isfinite(proto.decay())) {
    return FieldError(absl::StrCat(path, ".decay"),
                      absl::StrCat("must be finite and at least 0, is ", proto.decay()));
  }
  schedule.decay = proto.decay();
  if (proto.total_steps() < 0) {
    return FieldError(absl::StrCat(path, ".total_steps"),
                      absl::StrCat("must not be negative, is ", proto.total_steps()));
  }
  schedule.total_steps = proto.total_steps();
  if (proto.has_restart_multiplier()) {
    if (!(proto.restart_multiplier() >= 1) || !std::isfinite(proto.restart_multiplier())) {
      return FieldError(
          absl::StrCat(path, ".restart_multiplier"),
          absl::StrCat("must be finite and at least 1, is ", proto.restart_multiplier()));
    }
    schedule.restart_multiplier = proto.restart_multiplier();
  }
  return schedule;
}

v1::Schedule ScheduleToProto(const Schedule& schedule) {
  v1::Schedule proto;
  proto.set_kind(EnumToProto(kScheduleKinds, schedule.kind));
  proto.set_initial(schedule.initial);
  if (schedule.kind == Schedule::Kind::kConstant) return proto;
  proto.set_target(schedule.target);
  proto.set_decay(schedule.decay);
  proto.set_total_steps(schedule.total_steps);
  proto.set_restart_multiplier(schedule.restart_multiplier);
  return proto;
}

absl::Status SetSchedules(const v1::OptimizerSpec& proto, OptimizerSpec& optimizer) {
  auto set = [](bool given, const char* path, const v1::Schedule& from,
                std::optional<Schedule>& to) -> absl::Status {
    if (!given) return absl::OkStatus();
    absl::StatusOr<Schedule> schedule = ScheduleFromProto(path, from);
    if (schedule.ok()) to = *schedule;
    return schedule.status();
  };
  absl::Status status =
      set(proto.has_epsilon(), "optimizer.epsilon", proto.epsilon(), optimizer.epsilon);
  if (status.ok()) {
    status = set(proto.has_step_radius(), "optimizer.step_radius", proto.step_radius(),
                 optimizer.step_radius);
  }
  if (status.ok()) {
    status = set(proto.has_probe_radius(), "optimizer.probe_radius", proto.probe_radius(),
                 optimizer.probe_radius);
  }
  if (status.ok()) {
    status = set(proto.has_momentum(), "optimizer.momentum", proto.momentum(), optimizer.momentum);
  }
  return status;
}

// Where the proto's enum is UNSPECIFIED, nothing.
template <class Proto, class Ours, size_t N>
absl::Status SetEnum(const char* field, const EnumTable<Proto, Ours, N>& table, Proto from,
                     std::optional<Ours>& to) {
  if (static_cast<int>(from) == 0) return absl::OkStatus();
  absl::StatusOr<Ours> value = EnumFromProto(field, table, from);
  if (value.ok()) to = *value;
  return value.status();
}

absl::Status SetEnums(const v1::OptimizerSpec& proto, OptimizerSpec& optimizer) {
  absl::Status status =
      SetEnum("optimizer.polytope", kPolytopes, proto.polytope(), optimizer.polytope);
  if (status.ok()) {
    status = SetEnum("optimizer.loss_scale", kLossScales, proto.loss_scale(), optimizer.loss_scale);
  }
  if (status.ok()) {
    status = SetEnum("optimizer.solver", kSolvers, proto.solver(), optimizer.solver);
  }
  if (status.ok()) {
    status = SetEnum("optimizer.radius_control", kRadiusControls, proto.radius_control(),
                     optimizer.radius_control);
  }
  return status;
}

SubspaceSpec SubspaceFromProto(const v1::OptimizerSpec::Subspace& proto) {
  SubspaceSpec subspace;
  if (proto.has_rank()) subspace.rank = proto.rank();
  if (proto.has_max_dimension()) subspace.max_dimension = proto.max_dimension();
  if (proto.has_redraw_every()) subspace.redraw_every = proto.redraw_every();
  return subspace;
}

void SetComposition(const v1::OptimizerSpec& proto, OptimizerSpec& optimizer) {
  if (proto.has_top_k()) optimizer.top_k = proto.top_k();
  if (proto.has_kl_penalty()) optimizer.kl_penalty = proto.kl_penalty();
  if (proto.has_coast_steps()) optimizer.coast_steps = proto.coast_steps();
  if (proto.has_quadratic_model()) optimizer.quadratic_model = proto.quadratic_model();
  if (proto.has_biased_rotation()) optimizer.biased_rotation = proto.biased_rotation();
  if (proto.has_subspace()) optimizer.subspace = SubspaceFromProto(proto.subspace());
}

void CompositionToProto(const OptimizerSpec& optimizer, v1::OptimizerSpec& proto) {
  if (optimizer.solver) proto.set_solver(EnumToProto(kSolvers, *optimizer.solver));
  if (optimizer.top_k) proto.set_top_k(*optimizer.top_k);
  if (optimizer.kl_penalty) proto.set_kl_penalty(*optimizer.kl_penalty);
  if (optimizer.momentum) *proto.mutable_momentum() = ScheduleToProto(*optimizer.momentum);
  if (optimizer.coast_steps) proto.set_coast_steps(*optimizer.coast_steps);
  if (optimizer.radius_control) {
    proto.set_radius_control(EnumToProto(kRadiusControls, *optimizer.radius_control));
  }
  if (optimizer.quadratic_model) proto.set_quadratic_model(*optimizer.quadratic_model);
  if (optimizer.biased_rotation) proto.set_biased_rotation(*optimizer.biased_rotation);
  if (!optimizer.subspace) return;
  v1::OptimizerSpec::Subspace& subspace = *proto.mutable_subspace();
  if (optimizer.subspace->rank) subspace.set_rank(*optimizer.subspace->rank);
  if (optimizer.subspace->max_dimension) {
    subspace.set_max_dimension(*optimizer.subspace->max_dimension);
  }
  if (optimizer.subspace->redraw_every) {
    subspace.set_redraw_every(*optimizer.subspace->redraw_every);
  }
}

}  // namespace

absl::StatusOr<OptimizerSpec> OptimizerFromProto(const v1::OptimizerSpec& proto) {
  OptimizerSpec optimizer;
  absl::StatusOr<Method> method = EnumFromProto("optimizer.method", kMethods, proto.method());
  if (!method.ok()) return method.status();
  optimizer.method = *method;
  optimizer.parallelism = proto.parallelism();
  if (absl::Status enums = SetEnums(proto, optimizer); !enums.ok()) return enums;
  if (proto.has_particles()) optimizer.particles = proto.particles();
  if (proto.has_particle_dim()) optimizer.particle_dim = proto.particle_dim();
  if (proto.has_frame_size()) optimizer.frame_size = proto.frame_size();
  if (proto.has_probes()) optimizer.probes = proto.probes();
  if (proto.has_loss_scale_constant()) optimizer.loss_scale_constant = proto.loss_scale_constant();
  if (proto.has_weight_decay()) optimizer.weight_decay = proto.weight_decay();
  if (proto.has_restarts()) optimizer.restarts = proto.restarts();
  SetComposition(proto, optimizer);
  absl::Status schedules = SetSchedules(proto, optimizer);
  if (!schedules.ok()) return schedules;
  return optimizer;
}

v1::OptimizerSpec OptimizerToProto(const OptimizerSpec& optimizer) {
  v1::OptimizerSpec proto;
  proto.set_method(EnumToProto(kMethods, optimizer.method));
  proto.set_parallelism(optimizer.parallelism);
  if (optimizer.polytope) proto.set_polytope(EnumToProto(kPolytopes, *optimizer.polytope));
  if (optimizer.particles) proto.set_particles(*optimizer.particles);
  if (optimizer.particle_dim) proto.set_particle_dim(*optimizer.particle_dim);
  if (optimizer.frame_size) proto.set_frame_size(*optimizer.frame_size);
  if (optimizer.probes) proto.set_probes(*optimizer.probes);
  if (optimizer.epsilon) *proto.mutable_epsilon() = ScheduleToProto(*optimizer.epsilon);
  if (optimizer.step_radius) *proto.mutable_step_radius() = ScheduleToProto(*optimizer.step_radius);
  if (optimizer.probe_radius) {
    *proto.mutable_probe_radius() = ScheduleToProto(*optimizer.probe_radius);
  }
  if (optimizer.loss_scale) proto.set_loss_scale(EnumToProto(kLossScales, *optimizer.loss_scale));
  if (optimizer.loss_scale_constant) proto.set_loss_scale_constant(*optimizer.loss_scale_constant);
  if (optimizer.weight_decay) proto.set_weight_decay(*optimizer.weight_decay);
  if (optimizer.restarts) proto.set_restarts(*optimizer.restarts);
  CompositionToProto(optimizer, proto);
  return proto;
}

}  // namespace polystep
