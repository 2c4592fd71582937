#include "tests/bench/core/studies.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/random/random_stream.h"
#include "server/base/hex.h"
#include "server/base/sha256.h"

namespace polystep::bench {
namespace {

Search Create(SearchSpec spec) {
  spec.seed = 1;
  absl::StatusOr<Search> search = Search::Create(std::move(spec));
  if (search.ok()) return *std::move(search);
  std::fprintf(stderr, "core_bench: %s\n", search.status().ToString().c_str());
  std::abort();
}

}  // namespace

Search BlockStudy(int64_t dimension, uint32_t particle_dim) {
  SearchSpec spec;
  spec.tensors = {{"x", {dimension}, TensorKind::kReal, {}, {}, {}}};
  spec.optimizer.method = Method::kBlock;
  spec.optimizer.particle_dim = particle_dim;
  return Create(std::move(spec));
}

Search FlipStudy(int64_t dimension) {
  SearchSpec spec;
  spec.tensors = {{"x", {dimension}, TensorKind::kBinary, {}, {}, {}}};
  return Create(std::move(spec));
}

Search RowsStudy(int64_t rows, int64_t size) {
  SearchSpec spec;
  spec.tensors = {{"x", {rows, size}, TensorKind::kReal, {}, {}, {}}};
  spec.optimizer.method = Method::kRows;
  return Create(std::move(spec));
}

Search MetricStudy(int64_t dimension) {
  SearchSpec spec;
  for (int64_t i = 0; i < dimension; ++i) {
    RealDomain domain;
    domain.min = -5.0;
    domain.max = 5.0;
    spec.parameters.push_back({absl::StrCat("x", i), domain});
  }
  return Create(std::move(spec));
}

std::vector<double> SomeLosses(const StepPlan& plan) {
  RandomStream stream(7, static_cast<uint64_t>(plan.step), 0, Draw::kJitter);
  std::vector<double> losses(plan.count);
  for (double& loss : losses) loss = stream.Uniform();
  return losses;
}

void RunStep(Search& search) {
  std::vector<double> losses = SomeLosses(search.Open(INT64_MAX));
  std::vector<Outcome> outcomes(losses.size(), Outcome::kLoss);
  search.Close(absl::MakeSpan(losses), absl::MakeSpan(outcomes));
}

std::string StateDigest(const Search& search) {
  return HexEncode(Sha256(search.Save())).substr(0, 16);
}

}  // namespace polystep::bench
