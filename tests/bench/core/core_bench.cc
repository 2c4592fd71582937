// How fast the core is, beside the machine's memory bandwidth (triad.h) measured in the same run.
//
//   core_bench [--benchmark_filter=REGEX] [--benchmark_out=FILE.json]   (Google Benchmark's flags)
//
// x_triad: time over that of the triad for the bytes that must move: twice the state's arrays and 8
// bytes an evaluation; both are the fastest of some passes. bandwidth_share: bytes of candidates
// written, over the triad's bandwidth. The label of an update is the digest of the state after
// three steps.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "benchmark/benchmark.h"
#include "tests/bench/core/studies.h"
#include "tests/bench/core/triad.h"

namespace polystep::bench {
namespace {

constexpr int64_t kMillion = 1'000'000;
constexpr int kSteps = 8;  // of a million coordinates; making up their losses takes longer

void Triad(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(TriadBandwidth());
  state.counters["bytes_per_second"] = TriadBandwidth();
}
BENCHMARK(Triad)->Iterations(1);

// Opening a step: the plan.
void Plan(benchmark::State& state, Search search) {
  for (auto _ : state) {
    search.Open(INT64_MAX);
    state.PauseTiming();
    std::vector<double> losses = SomeLosses(search.Open(INT64_MAX));
    std::vector<Outcome> outcomes(losses.size(), Outcome::kLoss);
    search.Close(absl::MakeSpan(losses), absl::MakeSpan(outcomes));
    state.ResumeTiming();
  }
}

// What sets candidates apart from the center, in leases of 16,384.
void Changes(benchmark::State& state, Search search) {
  const uint32_t count = search.Open(INT64_MAX).count;
  const uint32_t lease = std::min<uint32_t>(count, 16'384);
  std::vector<SearchSpace::Range> ranges(lease);
  std::vector<double> values(size_t{lease} * search.ChangeWidth());
  uint32_t first = 0;
  for (auto _ : state) {
    search.Changes(first, absl::MakeSpan(ranges), absl::MakeSpan(values));
    benchmark::DoNotOptimize(values.data());
    first = first + 2 * lease <= count ? first + lease : 0;
  }
  state.SetItemsProcessed(state.iterations() * lease);
  state.counters["bandwidth_share"] = benchmark::Counter(
      static_cast<double>(state.iterations()) *
          static_cast<double>(ranges.size() * sizeof(ranges[0]) + values.size() * sizeof(double)) /
          TriadBandwidth(),
      benchmark::Counter::kIsRate);
}

// Whole candidates, one row's worth at a time.
void Candidates(benchmark::State& state, Search search) {
  const uint32_t count = std::min<uint32_t>(search.Open(INT64_MAX).count, 256);
  std::vector<double> out(count * search.center().size());
  for (auto _ : state) {
    search.Candidates(0, count, absl::MakeSpan(out));
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(state.iterations() * count);
  state.counters["bandwidth_share"] =
      benchmark::Counter(static_cast<double>(state.iterations()) *
                             static_cast<double>(out.size() * sizeof(double)) / TriadBandwidth(),
                         benchmark::Counter::kIsRate);
}

// Closing a step: losses to the next state, which has so many bytes a coordinate.
void Update(benchmark::State& state, Search search, size_t coordinate_bytes = sizeof(double)) {
  for (int step = 0; step < 3; ++step) RunStep(search);
  state.SetLabel(StateDigest(search));
  int64_t evaluations = 0;
  double fastest = std::numeric_limits<double>::infinity();
  for (auto _ : state) {
    std::vector<double> losses = SomeLosses(search.Open(INT64_MAX));
    std::vector<Outcome> outcomes(losses.size(), Outcome::kLoss);
    const double start = ThreadSeconds();
    search.Close(absl::MakeSpan(losses), absl::MakeSpan(outcomes));
    const double took = ThreadSeconds() - start;
    state.SetIterationTime(took);
    fastest = std::min(fastest, took);
    evaluations += static_cast<int64_t>(losses.size());
  }
  state.SetItemsProcessed(evaluations);
  if (search.center().size() < kMillion) return;  // a metric's time is not memory's
  const double arrays = static_cast<double>(search.center().size() * coordinate_bytes);
  const double bytes = 2.0 * arrays + 8.0 * static_cast<double>(evaluations) /
                                          static_cast<double>(state.iterations());
  state.counters["x_triad"] = fastest / (bytes / TriadBandwidth());
}

void Register() {
  using benchmark::RegisterBenchmark;
  RegisterBenchmark("Plan/block2/1M", [](auto& s) { Plan(s, BlockStudy(kMillion, 2)); })
      ->Iterations(kSteps)
      ->Unit(benchmark::kMicrosecond);
  RegisterBenchmark("Plan/flip/1M", [](auto& s) { Plan(s, FlipStudy(kMillion)); })
      ->Iterations(kSteps)
      ->Unit(benchmark::kMicrosecond);
  for (uint32_t dim : {1u, 2u, 3u, 4u, 8u, 16u}) {
    const std::string block = "block" + std::to_string(dim);
    RegisterBenchmark(("Changes/" + block + "/1M").c_str(),
                      [dim](auto& s) { Changes(s, BlockStudy(kMillion, dim)); });
    RegisterBenchmark(("Update/" + block + "/1M").c_str(),
                      [dim](auto& s) { Update(s, BlockStudy(kMillion, dim)); })
        ->UseManualTime()
        ->Iterations(kSteps)
        ->Unit(benchmark::kMillisecond);
  }
  RegisterBenchmark("Changes/flip/1M", [](auto& s) { Changes(s, FlipStudy(kMillion)); });
  RegisterBenchmark("Update/flip/1M", [](auto& s) { Update(s, FlipStudy(kMillion)); })
      ->UseManualTime()
      ->Iterations(kSteps)
      ->Unit(benchmark::kMillisecond);
  RegisterBenchmark("Changes/rows/1M", [](auto& s) { Changes(s, RowsStudy(1000, 1000)); });
  RegisterBenchmark(
      "Update/rows/1M",
      [](auto& s) { Update(s, RowsStudy(1000, 1000), sizeof(double) + 2 * sizeof(float)); })
      ->UseManualTime()
      ->Iterations(kSteps)
      ->Unit(benchmark::kMillisecond);
  for (int64_t dimension : {2, 10, 40, 100, 256, 1000}) {
    const std::string metric = "metric/" + std::to_string(dimension);
    RegisterBenchmark(("Candidates/" + metric).c_str(), [dimension](auto& s) {
      Candidates(s, MetricStudy(dimension));
    })->Unit(benchmark::kMicrosecond);
    RegisterBenchmark(("Update/" + metric).c_str(),
                      [dimension](auto& s) { Update(s, MetricStudy(dimension)); })
        ->UseManualTime()
        ->Unit(benchmark::kMicrosecond);
  }
}

}  // namespace
}  // namespace polystep::bench

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  polystep::bench::Register();
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
