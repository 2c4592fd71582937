#include "server/engine/records.h"

#include <gtest/gtest.h>

#include <functional>

#include "server/engine/status.h"

namespace polystep {
namespace {

// Every field set to something that is not its default.
StudySpec FullSpec() {
  StudySpec spec;
  SearchSpec& search = spec.search;
  RealDomain real{.min = 1.0, .max = 10.0, .scale = Scale::kLog, .initial = 2.0};
  IntegerDomain integer{.min = -3, .max = 9, .scale = Scale::kLinear, .initial = 4};
  search.parameters = {{"real", real},
                       {"free", RealDomain{}},
                       {"integer", integer},
                       {"discrete", DiscreteDomain{{1.0, 2.5}, 2.5}},
                       {"categorical", CategoricalDomain{{"a", "b"}, "b"}},
                       {"boolean", BooleanDomain{true}}};
  TensorSpec tensor;
  tensor.name = "w";
  tensor.shape = {2, 1};
  tensor.min = -1.0;
  tensor.max = 1.0;
  tensor.initializer = {Initializer::Kind::kNormal, 0.5, 0.25};
  search.tensors = {tensor};
  search.optimizer.method = Method::kBlock;
  search.optimizer.parallelism = 64;
  search.optimizer.polytope = Polytope::kSimplex;
  search.optimizer.particle_dim = 2;
  search.optimizer.probes = 3;
  search.optimizer.epsilon = Schedule{Schedule::Kind::kCosine, 2.0, 0.5, 0.1, 50, 1.5};
  search.optimizer.loss_scale = LossScale::kRowRank;
  search.optimizer.loss_scale_constant = 3.0;
  search.optimizer.restarts = false;
  search.optimizer.solver = Solver::kKlSoftmax;
  search.optimizer.top_k = 2;
  search.optimizer.kl_penalty = 0.5;
  search.optimizer.momentum = Schedule{Schedule::Kind::kRamp, 0.5, 0.9, 0.0, 30, 1.0};
  search.optimizer.coast_steps = 4;
  search.optimizer.radius_control = RadiusControl::kTrustRegion;
  search.optimizer.quadratic_model = true;
  search.optimizer.biased_rotation = false;
  search.optimizer.subspace = SubspaceSpec{8, {}, 7};
  search.optimizer.weight_decay = 0.125;
  search.seed = 0xfedcba9876543210;
  search.noise = Noise::kNoisy;
  search.repeats = 4;
  search.score_every = 5;
  search.initial_points = {
      {Point{{2.0, 0.5, int64_t{4}, 2.5, std::string("a"), true}, {{0.5f, -0.5f}}}, 1.25}};
  search.horizon_evaluations = 1000;
  search.horizon_steps = 20;
  spec.seed_given = true;
  spec.goal = Goal::kMaximize;
  spec.non_finite = NonFinite::kReject;
  spec.lease = {absl::Seconds(7), absl::Minutes(2), 5, 17, false, 0.75};
  spec.stop = {30, 400, absl::Hours(2), 0.125, 9};
  return spec;
}

StudyEntry FullEntry() {
  StudyEntry entry;
  entry.display_name = "A filter";
  entry.labels = {{"team", "analog"}, {"b", ""}};
  entry.request_id = "r-1";
  entry.algorithm_revision = 1;
  entry.requested = FullSpec();
  entry.resolved = FullSpec().search;
  entry.lease = FullSpec().lease;
  entry.stop = FullSpec().stop;
  entry.state = StudyState::kPaused;
  entry.state_reason = "asked to";
  entry.revision = 12;
  entry.create_time = absl::FromUnixMicros(1'700'000'000'000'001);
  entry.update_time = entry.create_time + absl::Seconds(5);
  entry.active_time = absl::Seconds(3);
  return entry;
}

Answers SomeAnswers() {
  Answers answers;
  answers.lease_id = 77;
  answers.max_attempts = 3;
  answers.Add({AnswerKind::kLoss, 4, 0.5});
  answers.Add({AnswerKind::kLoss, 5, -0.0});
  answers.Add({AnswerKind::kInfeasible, 6, 0.0});
  answers.Add({AnswerKind::kLoss, 9, 1e300});
  answers.Add({AnswerKind::kTransient, 10, 0.0});
  return answers;
}

// Every prefix and every changed byte must give a value or a status, never a crash.
template <class Decode>
void ExpectDamageIsRefusedOrRead(const std::string& bytes, Decode decode) {
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode(bytes.substr(0, size)).ok()) << "of " << size << " bytes";
  }
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ 0xff);
    decode(changed).ok();
  }
  EXPECT_FALSE(decode(bytes + '\0').ok());
}

TEST(StudyEntry, RoundTrip_SameBytes) {
  std::string bytes = EncodeStudyEntry(FullEntry());
  absl::StatusOr<StudyEntry> entry = DecodeStudyEntry(bytes);
  ASSERT_TRUE(entry.ok()) << entry.status();
  EXPECT_EQ(EncodeStudyEntry(*entry), bytes);
  EXPECT_EQ(entry->labels, FullEntry().labels);
  EXPECT_EQ(entry->create_time, FullEntry().create_time);
  EXPECT_EQ(entry->requested.stop.max_time, absl::Hours(2));
  EXPECT_EQ(entry->requested.search.initial_points[0].point,
            FullSpec().search.initial_points[0].point);
  const OptimizerSpec optimizer = FullSpec().search.optimizer;
  EXPECT_EQ(entry->resolved.optimizer.epsilon, optimizer.epsilon);
  EXPECT_EQ(entry->resolved.optimizer.momentum, optimizer.momentum);
  EXPECT_EQ(entry->resolved.optimizer.subspace, optimizer.subspace);
  EXPECT_EQ(entry->resolved.optimizer.weight_decay, 0.125);
}

TEST(StudyEntry, DefaultsAndEndlessDurations_RoundTrip) {
  StudyEntry entry;
  std::string bytes = EncodeStudyEntry(entry);
  absl::StatusOr<StudyEntry> decoded = DecodeStudyEntry(bytes);
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(decoded->lease.max_attempt_time, absl::InfiniteDuration());
  EXPECT_EQ(EncodeStudyEntry(*decoded), bytes);
}

TEST(StudyEntry, Damage_NeverCrashes) {
  ExpectDamageIsRefusedOrRead(EncodeStudyEntry(FullEntry()), DecodeStudyEntry);
}

TEST(StudyEntry, NewerVersion_SaysSo) {
  std::string bytes = EncodeStudyEntry(FullEntry());
  bytes[0] = 2;
  absl::Status status = DecodeStudyEntry(bytes).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(GetReason(status), reason::kRevisionUnknown);
}

TEST(LogEntry, EveryKind_RoundTrips) {
  StopCriteria stop;
  stop.max_steps = 4;
  for (const LogEntry& entry :
       {LogEntry(SomeAnswers()), LogEntry(PolicyChange{stop, true}),
        LogEntry(LongLease{5, 6, 7, absl::Hours(1), Encoding::kDense, "w", "r"}),
        LogEntry(LongLeaseEnd{5}), LogEntry(BreakerReset{})}) {
    std::string bytes = EncodeLogEntry(entry);
    absl::StatusOr<LogEntry> decoded = DecodeLogEntry(bytes);
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_EQ(decoded->index(), entry.index());
    EXPECT_EQ(EncodeLogEntry(*decoded), bytes);
    ExpectDamageIsRefusedOrRead(bytes, DecodeLogEntry);
  }
}

TEST(LogEntry, Answers_KeepRunsAndBits) {
  absl::StatusOr<LogEntry> decoded = DecodeLogEntry(EncodeLogEntry(SomeAnswers()));
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(std::get<Answers>(*decoded), SomeAnswers());
  EXPECT_EQ(SomeAnswers().runs.size(), 4u);
}

TEST(StepRow, RoundTrip) {
  StepRow row;
  row.summary = {.step = 9,
                 .evaluations = 12,
                 .reused = 3,
                 .infeasible = 1,
                 .masked = 2,
                 .best_loss = 0.5,
                 .mean_loss = {},
                 .score = 0.25,
                 .step_radius = 0.1,
                 .probe_distance = 0.2,
                 .linear_rate = 0.3,
                 .improved = true};
  row.digest = std::string(64, 'a');
  row.commit_time = absl::FromUnixSeconds(1'700'000'000);
  std::string bytes = EncodeStepRow(row);
  absl::StatusOr<StepRow> decoded = DecodeStepRow(9, bytes);
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(EncodeStepRow(*decoded), bytes);
  EXPECT_EQ(decoded->summary.step, 9);
  EXPECT_EQ(decoded->summary.score, 0.25);
  EXPECT_EQ(decoded->digest, row.digest);
  ExpectDamageIsRefusedOrRead(bytes, [](std::string_view b) { return DecodeStepRow(9, b); });
}

TEST(Snapshot, RoundTrip) {
  SnapshotEntry snapshot;
  snapshot.search = "state";
  snapshot.digest = std::string(32, 'x');
  snapshot.progress = {1, 2, 3, 4, 5, 6, 7, 8};
  snapshot.counters = {9, 10, 11, 12};
  snapshot.stop.target_loss = 0.5;
  snapshot.active_time = absl::Seconds(77);
  std::string bytes = EncodeSnapshot(snapshot);
  absl::StatusOr<SnapshotEntry> decoded = DecodeSnapshot(bytes);
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(decoded->search, "state");
  EXPECT_EQ(decoded->progress, snapshot.progress);
  EXPECT_EQ(decoded->counters, snapshot.counters);
  EXPECT_EQ(decoded->stop.target_loss, 0.5);
  EXPECT_EQ(decoded->active_time, absl::Seconds(77));
  ExpectDamageIsRefusedOrRead(bytes, DecodeSnapshot);
}

TEST(SpecFingerprint, SeedIsLeftOut_TheRestIsNot) {
  StudySpec spec = FullSpec();
  spec.search.seed = 1;
  spec.seed_given = false;
  EXPECT_EQ(SpecFingerprint(spec), SpecFingerprint(FullSpec()));
  spec.search.parameters[0].name = "other";
  EXPECT_NE(SpecFingerprint(spec), SpecFingerprint(FullSpec()));
}

TEST(LogEntry, Violations_RoundTripAndOnlyWhereThereAreAny) {
  const std::string feasible = EncodeLogEntry(SomeAnswers());
  Answers answers = SomeAnswers();
  answers.Add({AnswerKind::kLoss, 12, 2.0, 0.125});
  ASSERT_EQ(answers.violations, (std::vector<double>{0.0, 0.0, 0.0, 0.125}));
  answers.Add({AnswerKind::kLoss, 13, 3.0});
  ASSERT_EQ(answers.violations.size(), answers.losses.size());
  const std::string bytes = EncodeLogEntry(answers);
  EXPECT_NE(bytes[1], feasible[1]);
  absl::StatusOr<LogEntry> entry = DecodeLogEntry(bytes);
  ASSERT_TRUE(entry.ok()) << entry.status();
  EXPECT_EQ(std::get<Answers>(*entry), answers);
  ExpectDamageIsRefusedOrRead(bytes, DecodeLogEntry);
}

}  // namespace
}  // namespace polystep
