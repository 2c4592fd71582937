// Malformed specs.
#include <google/protobuf/text_format.h>

#include "tests/e2e/bad_input_rows.h"

namespace polystep {
namespace {

using Code = grpc::StatusCode;

// CreateStudy of a spec in text format.
Send Spec(std::string text) {
  return [text = std::move(text)](World& world) {
    v1::CreateStudyRequest request;
    request.set_study_id("bad");
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
        text, request.mutable_study()->mutable_spec()))
        << text;
    v1::Study study;
    return Invoke(*world.stubs->studies, &v1::StudyService::Stub::CreateStudy, request, &study);
  };
}

}  // namespace

std::vector<Row> ParameterRows() {
  const std::string x = R"(parameters { name: "x" real { min: 0 max: 1 } } )";
  std::string many;
  for (int i = 0; i <= 4096; ++i) many += R"(parameters { name: "x" boolean {} } )";
  return {
      {"Empty", Code::INVALID_ARGUMENT, "", "", Spec("")},
      {"NanBound", Code::INVALID_ARGUMENT, "finite", "study.spec.parameters[1].real.min",
       Spec(x + R"(parameters { name: "y" real { min: nan max: 1 } })")},
      {"InfiniteBound", Code::INVALID_ARGUMENT, "finite", "study.spec.parameters[0].real.max",
       Spec(R"(parameters { name: "y" real { min: 0 max: inf } })")},
      {"MinAboveMax", Code::INVALID_ARGUMENT, "above", "study.spec.parameters[0].real.min",
       Spec(R"(parameters { name: "y" real { min: 2 max: 1 } })")},
      {"OneBound", Code::INVALID_ARGUMENT, "both", "study.spec.parameters[0].real.max",
       Spec(R"(parameters { name: "y" real { min: 2 } })")},
      {"LogOfZero", Code::INVALID_ARGUMENT, "above 0", "study.spec.parameters[0].real.min",
       Spec(R"(parameters { name: "y" real { min: 0 max: 1 scale: LOG } })")},
      {"LogitAboveOne", Code::INVALID_ARGUMENT, "below 1", "study.spec.parameters[0].real.max",
       Spec(R"(parameters { name: "y" real { min: 0.1 max: 2 scale: LOGIT } })")},
      {"UnknownScale", Code::INVALID_ARGUMENT, "77", "study.spec.parameters[0].real.scale",
       Spec(R"(parameters { name: "y" real { min: 0.1 max: 2 scale: 77 } })")},
      {"InitialOutside", Code::INVALID_ARGUMENT, "outside", "study.spec.parameters[0].real.initial",
       Spec(R"(parameters { name: "y" real { min: 0 max: 1 initial: 3 } })")},
      {"NoDomain", Code::INVALID_ARGUMENT, "required", "study.spec.parameters[0].domain",
       Spec(R"(parameters { name: "y" })")},
      {"IntegerWithoutMax", Code::INVALID_ARGUMENT, "required",
       "study.spec.parameters[0].integer.max",
       Spec(R"(parameters { name: "y" integer { min: 1 } })")},
      {"IntegerTooLarge", Code::INVALID_ARGUMENT, "2^53", "study.spec.parameters[0].integer.max",
       Spec(R"(parameters { name: "y" integer { min: 1 max: 9223372036854775807 } })")},
      {"EmptyChoices", Code::INVALID_ARGUMENT, "empty",
       "study.spec.parameters[0].categorical.choices",
       Spec(R"(parameters { name: "y" categorical {} })")},
      {"RepeatedChoice", Code::INVALID_ARGUMENT, "repeats",
       "study.spec.parameters[0].categorical.choices[1]",
       Spec(R"(parameters { name: "y" categorical { choices: ["a", "a"] } })")},
      {"EmptyDiscrete", Code::INVALID_ARGUMENT, "empty", "study.spec.parameters[0].discrete.values",
       Spec(R"(parameters { name: "y" discrete {} })")},
      {"UnorderedDiscrete", Code::INVALID_ARGUMENT, "not above",
       "study.spec.parameters[0].discrete.values[1]",
       Spec(R"(parameters { name: "y" discrete { values: [2, 1] } })")},
      {"DuplicateName", Code::INVALID_ARGUMENT, "already", "study.spec.parameters[1].name",
       Spec(x + x)},
      {"EmptyName", Code::INVALID_ARGUMENT, "empty", "study.spec.parameters[0].name",
       Spec(R"(parameters { boolean {} })")},
      {"TooManyParameters", Code::INVALID_ARGUMENT, "4096", "study.spec.parameters", Spec(many)},
      {"BillionDimensions", Code::INVALID_ARGUMENT, "10000000", "study.spec.tensors[0].shape",
       Spec(R"(tensors { name: "w" shape: 1000000000 })")},
      {"OverflowingShape", Code::INVALID_ARGUMENT, "10000000", "study.spec.tensors[0].shape",
       Spec(R"(tensors { name: "w" shape: [4294967296, 4294967296] })")},
      {"NegativeShape", Code::INVALID_ARGUMENT, "at least 1", "study.spec.tensors[0].shape[0]",
       Spec(R"(tensors { name: "w" shape: -1 })")},
  };
}

std::vector<Row> PolicyRows() {
  const std::string x = R"(parameters { name: "x" real { min: 0 max: 1 } } )";
  return {
      {"UnknownMethod", Code::INVALID_ARGUMENT, "40", "study.spec.optimizer.method",
       Spec(x + "optimizer { method: 40 }")},
      {"ZeroParticles", Code::INVALID_ARGUMENT, "particles", "",
       Spec(x + "optimizer { method: POLYSTEP_POPULATION particles: 0 }")},
      {"NanTemperature", Code::INVALID_ARGUMENT, "finite", "study.spec.optimizer.epsilon.initial",
       Spec(x + "optimizer { epsilon { initial: nan } }")},
      {"RepeatsWithoutNoise", Code::INVALID_ARGUMENT, "noise", "study.spec.evaluation.repeats",
       Spec(x + "evaluation { repeats: 2 }")},
      {"QuorumBelowOne", Code::UNIMPLEMENTED, "quorum", "", Spec(x + "evaluation { quorum: 0.9 }")},
      {"NegativeTtl", Code::INVALID_ARGUMENT, "negative", "study.spec.evaluation.lease_ttl",
       Spec(x + "evaluation { lease_ttl { seconds: -5 } }")},
      {"TinyTtl", Code::INVALID_ARGUMENT, "must be in", "study.spec.evaluation.lease_ttl",
       Spec(x + "evaluation { lease_ttl { nanos: 1 } }")},
      {"NoSteps", Code::INVALID_ARGUMENT, "max_steps", "study.spec.stop.max_steps",
       Spec(x + "stop { max_steps: 0 }")},
      {"NanTarget", Code::INVALID_ARGUMENT, "finite", "study.spec.stop.target_loss",
       Spec(x + "stop { target_loss: nan }")},
      {"InitialPointOfAnotherType", Code::INVALID_ARGUMENT, "domain",
       "study.spec.initial_points[0].parameters[0].value",
       Spec(x + R"(initial_points { parameters { name: "x" integer: 1 } })")},
      {"InitialPointOutside", Code::INVALID_ARGUMENT, "initial_points", "",
       Spec(x + R"(initial_points { parameters { name: "x" real: 7 } })")},
      {"InitialLossNan", Code::INVALID_ARGUMENT, "initial_points", "",
       Spec(x + R"(initial_points { parameters { name: "x" real: 1 } loss: nan })")},
      {"UploadWithoutId", Code::INVALID_ARGUMENT, "32 hex digits",
       "study.spec.tensors[0].initializer.content_id",
       Spec(R"(tensors { name: "w" shape: 1 initializer { kind: UPLOADED } })")},
      {"UploadUnknown", Code::INVALID_ARGUMENT, "upload them first",
       "study.spec.tensors[0].initializer.content_id",
       Spec(R"(tensors { name: "w" shape: 1 initializer {
                 kind: UPLOADED content_id: "0123456789abcdef0123456789abcdef" } })")},
  };
}

}  // namespace polystep
