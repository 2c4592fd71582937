// Losses a second through a real polystepd, beside a raw gRPC echo of the same bytes and raw SQLite
// commits of the same bytes, in turns within one run: the ratios are what to compare, the absolute
// figures are the machine's. README.md in this folder says what the columns are.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/time/clock.h"
#include "server/app/process_tuning.h"
#include "server/base/check.h"
#include "tests/bench/idle_share.h"
#include "tests/bench/throughput/raw_commits.h"
#include "tests/bench/throughput/raw_echo.h"
#include "tests/bench/throughput/report.h"
#include "tests/bench/throughput/service_load.h"

namespace polystep::bench {
namespace {

struct Options {
  std::string folder = "build";
  std::string out = "build/bench/throughput.json";
  double slice_s = 1.0;
  int rounds = 3;
  std::vector<std::string> encodings = {"NAMED", "DENSE", "BLOCK"};
  std::vector<uint32_t> dimensions = {10, 1'000, 100'000, 1'000'000};
  std::vector<uint32_t> batches = {1, 64, 1'024, 16'384};
  std::vector<int> callers = {1, 8, 64};
};

// The largest batch whose lease stays below the contract's 1 MiB; 0: not one candidate does.
uint32_t MostCandidates(const Cell& cell) {
  constexpr uint32_t kLeaseBytes = (1u << 20) - 8'192;
  switch (cell.encoding) {
    case v1::AskRequest::NAMED:
      return kLeaseBytes / (8 * cell.dimension);
    case v1::AskRequest::DENSE:
      return cell.dimension > 250'000 ? 0 : kLeaseBytes / (4 * cell.dimension);
    default:
      return UINT32_MAX;
  }
}

std::vector<Cell> Cells(const Options& options) {
  std::vector<Cell> cells;
  for (const std::string& name : options.encodings) {
    Cell cell;
    Check(v1::AskRequest::Encoding_Parse(name, &cell.encoding), "no such encoding");
    for (uint32_t dimension : options.dimensions) {
      cell.dimension = dimension;
      // Names are for small spaces, blocks for large ones.
      if (cell.encoding == v1::AskRequest::NAMED && dimension > 10) continue;
      if (cell.encoding == v1::AskRequest::BLOCK && dimension < 1'000'000) continue;
      uint32_t last = 0;
      for (uint32_t batch : options.batches) {
        cell.batch = std::min(batch, MostCandidates(cell));
        if (cell.batch == last) continue;
        last = cell.batch;
        for (int callers : options.callers) {
          cell.callers = callers;
          cells.push_back(cell);
        }
      }
    }
  }
  return cells;
}

Measurement Measure(const Cell& cell, const Options& options, const RawEcho& raw_echo,
                    const std::string& folder) {
  Measurement measured;
  measured.cell = cell;
  IdleShare idle;
  absl::SleepFor(absl::Milliseconds(300));
  measured.idle_before = idle.Percent();
  ServiceLoad service(folder, cell);
  const absl::Duration slice = absl::Seconds(options.slice_s);
  service.Run(slice / 2);  // leases, connections, caches
  for (int round = 0; round < options.rounds; ++round) {
    const absl::Duration before = service.ProcessorTime();
    const Traffic part = service.Run(slice);
    measured.service.Add(part);
    measured.server_seconds += absl::ToDoubleSeconds(service.ProcessorTime() - before);
    const auto calls = static_cast<uint64_t>(std::max<int64_t>(1, part.calls));
    const auto losses = static_cast<uint32_t>(static_cast<uint64_t>(part.losses) / calls);
    measured.echo.Add(
        raw_echo.Run({part.bytes_out / calls, part.bytes_in / calls, losses}, cell.callers, slice));
    measured.commits.Add(RunRawCommits(folder, uint64_t{8} * losses, losses, slice));
  }
  return measured;
}

int Run(const Options& options) {
  RawEcho raw_echo;  // first: it forks
  std::string folder = options.folder + "/throughput-XXXXXX";
  Check(::mkdtemp(folder.data()) != nullptr, "cannot make a folder");
  nlohmann::json cells = nlohmann::json::array();
  std::fputs(TableHead().c_str(), stdout);
  for (const Cell& cell : Cells(options)) {
    const std::string own = folder + "/" + std::to_string(cells.size());
    std::filesystem::create_directory(own);
    const Measurement measured = Measure(cell, options, raw_echo, own);
    std::filesystem::remove_all(own);
    std::fputs(TableLine(measured).c_str(), stdout);
    std::fflush(stdout);
    cells.push_back(ToJson(measured));
  }
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(std::filesystem::path(options.out).parent_path());
  std::ofstream(options.out) << cells.dump(1) << "\n";
  std::printf("%s\n", options.out.c_str());
  return 0;
}

}  // namespace
}  // namespace polystep::bench

int main(int argc, char** argv) {
  polystep::TuneProcess();  // the echo inherits it
  const std::string folder = std::filesystem::path(argv[0]).parent_path();
  ::setenv("POLYSTEP_BIN", folder.c_str(), 0);  // where polystepd is
  polystep::bench::Options options;
  CLI::App app("Losses a second through polystepd, beside the wire's and the disk's limits.");
  app.add_option("--folder", options.folder, "where stores are made, on the disk to measure");
  app.add_option("--out", options.out, "the JSON file");
  app.add_option("--seconds", options.slice_s, "of one turn");
  app.add_option("--rounds", options.rounds, "turns of each");
  app.add_option("--encodings", options.encodings)->delimiter(',');
  app.add_option("--dimensions", options.dimensions)->delimiter(',');
  app.add_option("--batches", options.batches)->delimiter(',');
  app.add_option("--callers", options.callers)->delimiter(',');
  CLI11_PARSE(app, argc, argv);
  return polystep::bench::Run(options);
}
