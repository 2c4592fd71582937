// How busy the server keeps its workers: a table in virtual time, cells in real time that confirm
// it, and what idle polls cost. README.md in this folder says what the columns are.
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
#include "tests/bench/scale/idle_polls.h"
#include "tests/bench/scale/real_cell.h"
#include "tests/bench/scale/report.h"
#include "tests/bench/scale/sim_cell.h"

namespace polystep::bench {
namespace {

struct Options {
  std::string folder = "build";
  std::string out = "build/bench/scale.json";
  std::vector<double> sleeps_ms = {1, 10, 1000};
  std::vector<uint32_t> workers = {1, 4, 16, 64, 256};
  bool real = true;
  int studies = 1000;
  int polls = 10'000;
};

ScaleCell CellOf(absl::Duration sleep, uint32_t workers, uint32_t slow, double dying = 0.0) {
  ScaleCell cell;
  cell.sleep = sleep;
  cell.workers = workers;
  cell.slow = slow;
  cell.dying = dying;
  return cell;
}

std::vector<ScaleCell> Cells(const Options& options) {
  std::vector<ScaleCell> cells;
  for (double ms : options.sleeps_ms) {
    const absl::Duration sleep = absl::Milliseconds(ms);
    for (uint32_t workers : options.workers) {
      cells.push_back(CellOf(sleep, workers, 0));
      if (workers >= 64) cells.push_back(CellOf(sleep, workers, workers / 64));  // 1 %, rounded up
      if (workers >= 16) cells.push_back(CellOf(sleep, workers, (workers + 5) / 10));
      if (workers >= 16) {
        cells.push_back(CellOf(sleep, workers, 0, 0.01));
        cells.back().steps = 40;
      }
    }
  }
  // One of 16 is slow, beside none; more steps, for its leases begin in every fourth or so.
  for (uint32_t slow : {0, 1}) {
    cells.push_back(CellOf(absl::Milliseconds(10), 16, slow));
    cells.back().each = 20;
    cells.back().steps = 60;
  }
  // Nothing but the time to live brings back what the dead hold.
  cells.push_back(CellOf(absl::Milliseconds(10), 16, 0, 0.05));
  cells.back().backups = false;
  cells.back().steps = 40;
  return cells;
}

// One for each simulator, and the two that slow workers are measured by.
std::vector<ScaleCell> RealCells() {
  std::vector<ScaleCell> cells = {CellOf(absl::Milliseconds(1), 4, 0),
                                  CellOf(absl::Milliseconds(10), 64, 0),
                                  CellOf(absl::Seconds(1), 16, 0)};
  cells[0].each = 256;
  cells[2].each = 4;
  cells[2].steps = 5;
  for (uint32_t slow : {0, 1}) {
    cells.push_back(CellOf(absl::Milliseconds(10), 16, slow));
    cells.back().each = 20;
    cells.back().steps = 30;
  }
  return cells;
}

nlohmann::json Print(const ScaleLine& line) {
  std::fputs(ToText(line).c_str(), stdout);
  std::fflush(stdout);
  return ToJson(line);
}

double IdleBefore() {
  IdleShare idle;
  absl::SleepFor(absl::Milliseconds(500));
  return idle.Percent();
}

int Run(const Options& options) {
  std::string folder = options.folder + "/scale-XXXXXX";
  Check(::mkdtemp(folder.data()) != nullptr, "cannot make a folder");
  nlohmann::json all;
  std::fputs(ScaleHead().c_str(), stdout);
  for (const ScaleCell& cell : Cells(options)) {
    all["cells"].push_back(Print({.cell = cell, .result = RunSimulated(cell)}));
  }
  int number = 0;
  for (const ScaleCell& cell : options.real ? RealCells() : std::vector<ScaleCell>()) {
    const std::string own = folder + "/" + std::to_string(number++);
    std::filesystem::create_directory(own);
    all["cells"].push_back(Print({.cell = cell, .result = RunSimulated(cell)}));
    const double idle = IdleBefore();
    all["cells"].push_back(
        Print({.cell = cell, .result = RunReal(cell, own), .real = true, .idle_before = idle}));
  }
  if (options.polls > 0) {
    const double idle = IdleBefore();
    const PollsResult polls = RunIdlePolls(options.studies, options.polls, folder);
    std::printf("%smachine %.0f %% idle before\n", ToText(polls).c_str(), idle);
    all["idle_polls"] = ToJson(polls);
    all["idle_polls"]["idle_before_percent"] = idle;
  }
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(std::filesystem::path(options.out).parent_path());
  std::ofstream(options.out) << all.dump(1) << "\n";
  std::printf("%s\n", options.out.c_str());
  return 0;
}

}  // namespace
}  // namespace polystep::bench

int main(int argc, char** argv) {
  polystep::TuneProcess();
  const std::string folder = std::filesystem::path(argv[0]).parent_path();
  ::setenv("POLYSTEP_BIN", folder.c_str(), 0);  // where polystepd is
  polystep::bench::Options options;
  CLI::App app("How busy the server keeps 1 to 256 workers, and what idle polls cost.");
  app.add_option("--folder", options.folder, "where stores are made");
  app.add_option("--out", options.out, "the JSON file");
  app.add_option("--sleeps-ms", options.sleeps_ms)->delimiter(',');
  app.add_option("--workers", options.workers)->delimiter(',');
  app.add_flag("!--no-real", options.real, "virtual time only");
  app.add_option("--studies", options.studies);
  app.add_option("--polls", options.polls, "0: none");
  CLI11_PARSE(app, argc, argv);
  return polystep::bench::Run(options);
}
