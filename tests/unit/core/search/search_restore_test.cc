// A saved state continues with the same bits from every step boundary; damage is an error.
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "core/search/search.h"
#include "tests/unit/core/search/compositions.h"
#include "tests/unit/core/search/search_drive.h"

namespace polystep {
namespace {

struct Study {
  std::string name;
  SearchSpec spec;
};

std::vector<Study> Studies() {
  std::vector<Study> studies;
  for (Method method : {Method::kMetric, Method::kBlock, Method::kPopulation}) {
    SearchSpec spec;
    spec.seed = 11;
    spec.optimizer.method = method;
    spec.horizon_evaluations = 2000;
    const char* names[] = {"", "block", "population", "metric"};
    spec.parameters = RealParameters(3);
    studies.push_back({names[static_cast<int>(method)], spec});
    spec.parameters = IntegerParameters(4, 9);
    studies.push_back({"integers", spec});
    spec.noise = Noise::kNoisy;
    spec.repeats = 2;
    studies.push_back({"noisy", spec});
  }
  SearchSpec parallel;
  parallel.parameters = RealParameters(3);
  parallel.optimizer.parallelism = 12;
  studies.push_back({"proposals inside wide steps", parallel});
  SearchSpec tensors;
  tensors.tensors = {{"w", {5, 70}, TensorKind::kReal, {}, {}, {}}};
  studies.push_back({"diagonal metric", tensors});
  SearchSpec bits;
  bits.tensors = {{"b", {90}, TensorKind::kBinary, {}, {}, {}}};
  studies.push_back({"bits", bits});
  bits.noise = Noise::kNoisy;
  bits.repeats = 2;
  studies.push_back({"noisy bits", bits});
  SearchSpec mixed;
  mixed.parameters = RealParameters(2);
  for (const ParameterSpec& integer : IntegerParameters(2, 9)) mixed.parameters.push_back(integer);
  studies.push_back({"mixed", mixed});
  SearchSpec points;
  points.parameters = IntegerParameters(3, 50);
  points.initial_points = {{{{int64_t{1}, int64_t{2}, int64_t{3}}, {}}, {}},
                           {{{int64_t{4}, int64_t{5}, int64_t{6}}, {}}, 70.0}};
  studies.push_back({"initial points", points});
  for (const Composition& composition : Compositions()) {
    studies.push_back({composition.name, composition.spec});
  }
  SearchSpec model =
      Compose("", Method::kBlock, [](OptimizerSpec& s) { s.quadratic_model = true; }).spec;
  model.noise = Noise::kSeeded;
  model.repeats = 3;
  studies.push_back({"noisy model", model});
  return studies;
}

// Some answers are missing, some infeasible, some violate, all a function of the candidate's loss.
Answer Faulty(const Point& point, uint64_t seed) {
  const double loss = Sphere(2.0)(point, seed).loss;
  const auto digit = static_cast<int64_t>(loss * 1000.0) % 10;
  if (digit == 3) return {0.0, Outcome::kMissing};
  if (digit == 7) return {0.0, Outcome::kInfeasible};
  if (digit == 5) return {loss, Outcome::kViolation, 1.0 + static_cast<double>(digit % 3)};
  return {loss};
}

TEST(SearchRestore, EveryStepBoundary_ContinuesWithTheSameBits) {
  for (const Study& study : Studies()) {
    SCOPED_TRACE(testing::Message()
                 << study.name << ", method " << static_cast<int>(study.spec.optimizer.method));
    auto whole = Search::Create(study.spec);
    ASSERT_TRUE(whole.ok()) << whole.status();
    for (int step = 0; step < 40; ++step) {
      const std::string saved = whole->Save();
      // The stored spec is the resolved one.
      auto restored = Search::Create(whole->spec());
      ASSERT_TRUE(restored.ok()) << restored.status();
      ASSERT_TRUE(restored->Restore(saved).ok());
      ASSERT_EQ(restored->Save(), saved);
      const ClosedStep expected = CloseWith(*whole, Faulty);
      const ClosedStep actual = CloseWith(*restored, Faulty);
      ASSERT_EQ(actual.losses, expected.losses) << "step " << step;
      ASSERT_EQ(actual.outcomes, expected.outcomes);
      ASSERT_EQ(restored->Save(), whole->Save());
      ASSERT_EQ(actual.summary.reused, expected.summary.reused);
    }
  }
}

TEST(SearchRestore, RestartsOfTheMetric_ContinueWithTheSameBits) {
  for (bool lattice : {false, true}) {
    SearchSpec spec;
    spec.parameters = lattice ? IntegerParameters(3, 400) : RealParameters(3);
    auto whole = Search::Create(spec);
    // Steps of equal loss: the search is soon exhausted, and starts over.
    const Simulator stairs = [](const Point& point, uint64_t seed) {
      return Answer{std::floor(Sphere(2.0)(point, seed).loss / 50.0)};
    };
    std::set<uint32_t> sizes;
    for (int step = 0; step < 400; ++step) {
      if (step % 7 == 0) {
        auto restored = Search::Create(whole->spec());
        ASSERT_TRUE(restored->Restore(whole->Save()).ok());
        *whole = *std::move(restored);
      }
      sizes.insert(CloseWith(*whole, stairs).plan.count);
    }
    EXPECT_GT(sizes.size(), 1u) << "never started over";
    auto undisturbed = Search::Create(spec);
    for (int step = 0; step < 400; ++step) CloseWith(*undisturbed, stairs);
    EXPECT_EQ(undisturbed->Save(), whole->Save());
  }
}

TEST(SearchRestore, OpenStep_IsNotPartOfTheState) {
  auto search = Search::Create(Studies()[0].spec);
  ASSERT_TRUE(search.ok());
  const std::string before = search->Save();
  search->Open(1'000'000);
  EXPECT_EQ(search->Save(), before);
  EXPECT_TRUE(search->Restore(before).ok());
  EXPECT_FALSE(search->is_open());
}

TEST(SearchRestore, DamagedBytes_AreDataLoss) {
  for (const Study& study : Studies()) {
    SCOPED_TRACE(study.name);
    auto search = Search::Create(study.spec);
    ASSERT_TRUE(search.ok());
    for (int step = 0; step < 5; ++step) CloseWith(*search, Faulty);
    const std::string saved = search->Save();
    for (size_t length = 0; length < saved.size(); length += 1 + saved.size() / 97) {
      auto other = Search::Create(study.spec);
      EXPECT_EQ(other->Restore(saved.substr(0, length)).code(), absl::StatusCode::kDataLoss);
    }
    auto other = Search::Create(study.spec);
    EXPECT_EQ(other->Restore(saved + "x").code(), absl::StatusCode::kDataLoss);
    SearchSpec another_seed = study.spec;
    another_seed.seed = 12;
    auto stranger = Search::Create(another_seed);
    EXPECT_EQ(stranger->Restore(saved).code(), absl::StatusCode::kDataLoss);
  }
}

TEST(SearchRestore, AnyByteChanged_IsNeverUndefined) {
  for (const Study& study : Studies()) {
    SCOPED_TRACE(study.name);
    auto search = Search::Create(study.spec);
    ASSERT_TRUE(search.ok());
    for (int step = 0; step < 3; ++step) CloseWith(*search, Faulty);
    const std::string saved = search->Save();
    for (size_t at = 0; at < saved.size(); at += 1 + saved.size() / 61) {
      std::string damaged = saved;
      damaged[at] = static_cast<char>(damaged[at] ^ 0xff);
      auto other = Search::Create(study.spec);
      if (other->Restore(damaged).ok()) CloseWith(*other, Faulty);
    }
  }
}

}  // namespace
}  // namespace polystep
