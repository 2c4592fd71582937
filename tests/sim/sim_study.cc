#include "tests/sim/sim_study.h"

#include <algorithm>
#include <variant>

namespace polystep {
namespace {

ParameterSpec Real(std::string name, double min, double max) {
  RealDomain domain;
  domain.min = min;
  domain.max = max;
  return {std::move(name), domain};
}

SimStudy Automatic() {
  SimStudy study{.name = "automatic", .spec = {}, .then = {}};
  study.spec.search.parameters = {Real("x", -2.0, 2.0), Real("y", -1.0, 3.0), Real("z", 0.0, 1.0)};
  study.spec.stop.max_evaluations = 150;
  return study;
}

SimStudy Block() {
  SimStudy study{.name = "block", .spec = {}, .then = {}};
  TensorSpec tensor;
  tensor.name = "w";
  tensor.shape = {3, 4};
  tensor.initializer = {Initializer::Kind::kNormal, 1.0, 0.0};
  study.spec.search.tensors = {tensor};
  study.spec.search.optimizer.method = Method::kBlock;
  study.spec.search.optimizer.particle_dim = 2;
  study.spec.stop.max_steps = 9;
  return study;
}

// From start values that must be there when a server that was killed replays the study.
SimStudy Uploaded() {
  SimStudy study = Block();
  study.name = "uploaded";
  study.spec.search.tensors[0].initializer = {Initializer::Kind::kUploaded, 1.0, 0.0};
  for (int i = 0; i < 12; ++i) study.upload.push_back(0.25F * static_cast<float>(i) - 1.0F);
  return study;
}

SimStudy Flip() {
  SimStudy study{.name = "flip", .spec = {}, .then = {}};
  TensorSpec tensor;
  tensor.name = "b";
  tensor.kind = TensorKind::kBinary;
  tensor.shape = {15};
  study.spec.search.tensors = {tensor};
  study.spec.search.optimizer.method = Method::kFlip;
  study.spec.stop.max_steps = 12;
  return study;
}

// Rows of two sizes, moved along directions that workers make again; scored.
SimStudy Rows() {
  SimStudy study = Block();
  study.name = "rows";
  TensorSpec bias;
  bias.name = "b";
  bias.shape = {3};
  study.spec.search.tensors.push_back(bias);
  study.spec.search.optimizer = {};
  study.spec.search.optimizer.method = Method::kRows;
  study.spec.search.optimizer.frame_size = 2;
  study.spec.search.noise = Noise::kSeeded;
  study.spec.search.score_every = 3;
  return study;
}

// A step of single points and rows, judged from one to the next.
SimStudy Judged() {
  SimStudy study = Block();
  study.name = "judged";
  study.spec.search.optimizer.quadratic_model = true;
  study.spec.search.optimizer.radius_control = RadiusControl::kTrustRegion;
  return study;
}

// Everything that is carried from step to step: duals, momentum, averages, directions.
SimStudy Composed() {
  SimStudy study = Block();
  study.name = "composed";
  OptimizerSpec& optimizer = study.spec.search.optimizer;
  optimizer.solver = Solver::kSinkhorn;
  optimizer.momentum = Schedule{Schedule::Kind::kRamp, 0.3, 0.6, 0.0, 8, 1.0};
  optimizer.coast_steps = 2;
  optimizer.radius_control = RadiusControl::kAdaptive;
  optimizer.biased_rotation = true;
  optimizer.subspace = SubspaceSpec{1, {}, 4};
  return study;
}

SimStudy Population() {
  SimStudy study{.name = "population", .spec = {}, .then = {}};
  study.spec.search.parameters = {Real("x", -2.0, 2.0), Real("y", -1.0, 3.0)};
  study.spec.search.optimizer.method = Method::kPopulation;
  study.spec.search.optimizer.particles = 5;
  study.spec.stop.max_steps = 10;
  return study;
}

// A small space: most points of the later steps were answered before.
SimStudy Discrete() {
  SimStudy study{.name = "discrete", .spec = {}, .then = {}};
  CategoricalDomain shape;
  shape.choices = {"round", "square", "flat"};
  study.spec.search.parameters = {{"n", IntegerDomain{.min = 1, .max = 6, .initial = {}}},
                                  {"shape", shape},
                                  {"on", BooleanDomain{}},
                                  {"r", DiscreteDomain{{1.0, 2.2, 4.7, 10.0}, {}}}};
  study.spec.stop.max_steps = 25;
  return study;
}

SimStudy Failing() {
  SimStudy study = Automatic();
  study.name = "failing";
  study.spec.lease.max_failed_fraction = 1.0;
  return study;
}

SimStudy Seeded() {
  SimStudy study = Population();
  study.name = "seeded";
  study.spec.search.noise = Noise::kSeeded;
  study.spec.search.score_every = 2;
  return study;
}

// Maximises, stops, and is sent on with a higher limit.
SimStudy Extended() {
  SimStudy study = Automatic();
  study.name = "extended";
  study.spec.goal = Goal::kMaximize;
  study.spec.stop.max_evaluations = 60;
  study.then = StopCriteria{};
  study.then->max_evaluations = 130;
  return study;
}

// Feasible where x >= 0.5; a discrete coordinate, so that violating points are met again.
SimStudy Constrained() {
  SimStudy study = Automatic();
  study.name = "constrained";
  study.spec.search.parameters[1] = {"y", IntegerDomain{.min = -1, .max = 3, .initial = {}}};
  study.spec.stop.target_loss = 0.52;  // the first points below it violate
  return study;
}

// Enough of a number from every value: the same for the same point on every machine.
double Feature(const Value& value) {
  if (const auto* real = std::get_if<double>(&value)) return *real;
  if (const auto* integer = std::get_if<int64_t>(&value))
    return static_cast<double>(*integer) - 3.0;
  if (const auto* boolean = std::get_if<bool>(&value)) return *boolean ? 0.5 : -0.25;
  return static_cast<double>(std::get<std::string>(value).size()) - 4.5;
}

}  // namespace

SimAnswer SimStudy::Evaluate(const Point& point, uint64_t evaluation_seed) const {
  double loss = 0.0;
  double weight = 1.0;
  double previous = 0.3;
  auto add = [&](double x) {
    loss += weight * (x - 0.4) * (x - 0.4) + 0.5 * (x - previous) * (x - previous);
    previous = x;
    weight *= 1.7;
  };
  for (const Value& value : point.parameters) add(Feature(value));
  for (const std::vector<float>& tensor : point.tensors) {
    for (float x : tensor) add(x);
  }
  if (spec.search.noise == Noise::kSeeded) {
    loss += 0.01 * static_cast<double>(evaluation_seed % 97) * previous;
  }
  if (spec.goal == Goal::kMaximize) loss = -loss;
  SimAnswer answer{SimAnswer::Kind::kLoss, loss};
  if (name == "constrained") {
    answer.violation = std::max(0.0, 0.5 - std::get<double>(point.parameters[0]));
  }
  auto part = static_cast<int64_t>(loss * 1e4) % 23;
  if (name == "failing" && part == 1) answer.kind = SimAnswer::Kind::kTransient;
  if (name == "failing" && part >= 18) answer.kind = SimAnswer::Kind::kInfeasible;
  if (part == 2) answer.kind = SimAnswer::Kind::kTransientOnce;
  return answer;
}

SimStudy MakeSimStudy(int kind, uint64_t seed) {
  SimStudy (*const make[kSimStudies])() = {Automatic, Block,    Population,  Discrete, Failing,
                                           Seeded,    Extended, Constrained, Judged,   Composed,
                                           Flip,      Rows,     Uploaded};
  SimStudy study = make[kind]();
  study.spec.search.seed = seed;
  study.spec.seed_given = true;
  study.spec.lease.ttl = absl::Seconds(5);
  study.spec.lease.max_lost = 200;
  study.spec.lease.max_attempts = 2;  // a failure counted twice would mask what is not to be masked
  return study;
}

}  // namespace polystep
