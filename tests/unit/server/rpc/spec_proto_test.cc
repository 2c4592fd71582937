// Specs to and from the wire: defaults, round trips, and what is refused before core sees it.
#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/util/message_differencer.h>

#include <limits>

#include "core/base/field_error.h"
#include "server/rpc/spec_from_proto.h"
#include "server/rpc/spec_to_proto.h"
#include "server/rpc/time_proto.h"

namespace polystep {
namespace {

using ::testing::HasSubstr;

v1::StudySpec Parse(const std::string& text) {
  v1::StudySpec proto;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &proto)) << text;
  return proto;
}

TEST(SpecProto, EmptySpec_HasDocumentedDefaults) {
  absl::StatusOr<StudySpec> spec = SpecFromProto(v1::StudySpec());
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_FALSE(spec->seed_given);
  EXPECT_EQ(spec->goal, Goal::kMinimize);
  EXPECT_EQ(spec->search.noise, Noise::kNone);
  EXPECT_EQ(spec->search.repeats, 1u);
  EXPECT_EQ(spec->lease.ttl, absl::Seconds(60));
  EXPECT_EQ(spec->lease.max_attempts, 3u);
  EXPECT_EQ(spec->lease.max_lost, 10u);
  EXPECT_TRUE(spec->lease.backup_leases);
  EXPECT_EQ(spec->lease.max_failed_fraction, 0.9);
  EXPECT_EQ(spec->search.optimizer.method, Method::kAutomatic);
}

TEST(SpecProto, SeedZero_IsGiven) {
  absl::StatusOr<StudySpec> spec = SpecFromProto(Parse("seed: 0"));
  ASSERT_TRUE(spec.ok());
  EXPECT_TRUE(spec->seed_given);
}

// Everything set away from its default comes back as it was.
TEST(SpecProto, FullSpec_SurvivesTheRoundTrip) {
  v1::StudySpec proto = Parse(R"(
    parameters { name: "x" real { min: 1e-3 max: 10 scale: LOG initial: 0.5 } }
    parameters { name: "u" real { scale: LINEAR } }
    parameters { name: "n" integer { min: -3 max: 9007199254740992 scale: LINEAR initial: 7 } }
    parameters { name: "d" discrete { values: [1, 2.2, 4.7] initial: 2.2 } }
    parameters { name: "c" categorical { choices: ["a", "b"] initial: "b" } }
    parameters { name: "b" boolean { initial: true } }
    tensors { name: "w" shape: [2, 1] kind: REAL min: -1 max: 1
              initializer { kind: NORMAL scale: 0.5 constant: 0 } }
    goal: MAXIMIZE
    optimizer { method: POLYSTEP_BLOCK parallelism: 8 polytope: SIMPLEX particle_dim: 2 probes: 3
                epsilon { kind: LINEAR initial: 1 target: 0.1 decay: 0.01 total_steps: 0
                          restart_multiplier: 1 }
                step_radius { kind: COSINE initial: 1 target: 0.1 decay: 0 total_steps: 50
                              restart_multiplier: 2 }
                probe_radius { kind: CONSTANT initial: 0.5 }
                loss_scale: CONSTANT loss_scale_constant: 3 weight_decay: 0.25 restarts: false
                solver: KL_SOFTMAX top_k: 2 kl_penalty: 0.5
                momentum { kind: RAMP initial: 0.5 target: 0.9 decay: 0 total_steps: 30
                           restart_multiplier: 1 }
                coast_steps: 3 radius_control: TRUST_REGION quadratic_model: false
                biased_rotation: true
                subspace { rank: 8 max_dimension: 100 redraw_every: 0 } }
    seed: 18446744073709551615
    evaluation { noise: SEEDED score_every: 5 lease_ttl { seconds: 2 nanos: 500000000 }
                 max_attempt_time { seconds: 9 } max_attempts: 4 max_lost: 5 backup_leases: false
                 repeats: 3 non_finite: REJECT max_failed_fraction: 0.5 quorum: 1 }
    stop { max_steps: 7 max_evaluations: 100 max_time { seconds: 60 } target_loss: -2
           patience_steps: 3 }
    initial_points {
      parameters { name: "x" real: 1 } parameters { name: "u" real: -5 }
      parameters { name: "n" integer: 3 } parameters { name: "d" discrete: 4.7 }
      parameters { name: "c" categorical: "a" } parameters { name: "b" boolean: false }
      tensors { name: "w" values: [0.5, -0.5] } loss: 12 })");
  absl::StatusOr<StudySpec> spec = SpecFromProto(proto);
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(spec->search.initial_points.at(0).loss, -12.0) << "core minimises";
  v1::StudySpec back = SpecToProto(*spec);
  google::protobuf::util::MessageDifferencer differencer;
  std::string difference;
  differencer.ReportDifferencesToString(&difference);
  EXPECT_TRUE(differencer.Compare(proto, back)) << difference;
}

struct Refused {
  const char* spec;
  absl::StatusCode code;
  const char* field;  // its path, or for other codes a part of the message
};

class SpecProtoRefused : public ::testing::TestWithParam<Refused> {};

TEST_P(SpecProtoRefused, NamesTheField) {
  absl::StatusOr<StudySpec> spec = SpecFromProto(Parse(GetParam().spec));
  ASSERT_FALSE(spec.ok());
  EXPECT_EQ(spec.status().code(), GetParam().code) << spec.status();
  if (GetParam().code == absl::StatusCode::kInvalidArgument) {
    ASSERT_TRUE(GetFieldViolation(spec.status()).has_value());
    EXPECT_EQ(GetFieldViolation(spec.status())->field, GetParam().field);
  } else {
    EXPECT_THAT(std::string(spec.status().message()), HasSubstr(GetParam().field));
  }
}

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kUnimplemented = absl::StatusCode::kUnimplemented;

INSTANTIATE_TEST_SUITE_P(
    Specs, SpecProtoRefused,
    ::testing::Values(
        Refused{R"(parameters { name: "x" })", kInvalid, "parameters[0].domain"},
        Refused{R"(parameters { name: "x" real { scale: 77 } })", kInvalid,
                "parameters[0].real.scale"},
        Refused{R"(parameters { name: "x" integer { max: 3 } })", kInvalid,
                "parameters[0].integer.min"},
        Refused{R"(parameters { name: "x" integer { min: 3 } })", kInvalid,
                "parameters[0].integer.max"},
        Refused{"goal: 9", kInvalid, "goal"},
        Refused{"optimizer { method: 40 }", kInvalid, "optimizer.method"},
        Refused{"optimizer { epsilon { kind: LINEAR initial: 1 } }", kInvalid,
                "optimizer.epsilon.target"},
        Refused{"optimizer { epsilon { } }", kInvalid, "optimizer.epsilon.initial"},
        Refused{"optimizer { epsilon { initial: nan } }", kInvalid, "optimizer.epsilon.initial"},
        Refused{"optimizer { step_radius { initial: 1 decay: -1 } }", kInvalid,
                "optimizer.step_radius.decay"},
        Refused{"optimizer { step_radius { initial: 1 restart_multiplier: 0.5 } }", kInvalid,
                "optimizer.step_radius.restart_multiplier"},
        Refused{"optimizer { solver: 9 }", kInvalid, "optimizer.solver"},
        Refused{"optimizer { radius_control: 9 }", kInvalid, "optimizer.radius_control"},
        Refused{"optimizer { momentum { } }", kInvalid, "optimizer.momentum.initial"},
        Refused{"evaluation { repeats: 2 }", kInvalid, "evaluation.repeats"},
        Refused{"evaluation { noise: NOISY repeats: 1001 }", kInvalid, "evaluation.repeats"},
        Refused{"evaluation { quorum: 0 }", kInvalid, "evaluation.quorum"},
        Refused{"evaluation { quorum: nan }", kInvalid, "evaluation.quorum"},
        Refused{"evaluation { quorum: 0.5 }", kUnimplemented, "quorum"},
        Refused{"evaluation { lease_ttl { seconds: -1 } }", kInvalid, "evaluation.lease_ttl"},
        Refused{"evaluation { max_attempt_time { nanos: 1000000000 } }", kInvalid,
                "evaluation.max_attempt_time"},
        Refused{R"(tensors { name: "w" shape: 1 initializer { kind: UPLOADED } })", kInvalid,
                "tensors[0].initializer.content_id"},
        Refused{R"(tensors { name: "w" shape: 1 initializer { content_id: "a" } })", kInvalid,
                "tensors[0].initializer.content_id"},
        Refused{R"(tensors { name: "w" shape: 1 kind: 8 })", kInvalid, "tensors[0].kind"},
        Refused{R"(parameters { name: "x" boolean {} } initial_points {})", kInvalid,
                "initial_points[0].parameters"},
        Refused{R"(parameters { name: "x" boolean {} }
                   initial_points { parameters { name: "x" real: 1 } })",
                kInvalid, "initial_points[0].parameters[0].value"},
        Refused{R"(parameters { name: "x" boolean {} }
                   initial_points { parameters { name: "x" boolean: true }
                                    parameters { name: "y" boolean: true } })",
                kInvalid, "initial_points[0].parameters"}));

TEST(SpecProto, TooManyParameters_IsRefusedAtTheLimit) {
  v1::StudySpec proto;
  for (int i = 0; i < kMaxParameters; ++i) proto.add_parameters()->mutable_boolean();
  EXPECT_TRUE(SpecFromProto(proto).ok());
  proto.add_parameters()->mutable_boolean();
  EXPECT_EQ(GetFieldViolation(SpecFromProto(proto).status())->field, "parameters");
}

TEST(TimeProto, Durations_KeepNanosecondsAndClampInfinity) {
  EXPECT_EQ(*DurationFromProto("f", DurationToProto(absl::Nanoseconds(1'500'000'001))),
            absl::Nanoseconds(1'500'000'001));
  EXPECT_EQ(DurationToProto(absl::InfiniteDuration()).seconds(), 315'576'000'000);
  google::protobuf::Duration proto;
  proto.set_seconds(std::numeric_limits<int64_t>::max());
  EXPECT_FALSE(DurationFromProto("f", proto).ok());
  google::protobuf::Timestamp before_epoch = TimeToProto(absl::FromUnixMillis(-1));
  EXPECT_EQ(before_epoch.seconds(), -1);
  EXPECT_EQ(before_epoch.nanos(), 999'000'000);
}

}  // namespace
}  // namespace polystep
