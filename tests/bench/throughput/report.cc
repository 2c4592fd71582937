#include "tests/bench/throughput/report.h"

#include <algorithm>

#include "absl/strings/str_format.h"

namespace polystep::bench {
namespace {

double Micros(const Traffic& traffic, double p) { return 1e6 * Percentile(traffic.latencies, p); }

// The rate over the smaller of what wire and disk would carry.
double ShareOfLimit(const Measurement& m) {
  return m.service.losses_per_s() / std::min(m.echo.losses_per_s(), m.commits.losses_per_s());
}

// Median of a tell over what wire and disk take one after the other.
double LatencyRatio(const Measurement& m) {
  return Micros(m.service, 50) / (Micros(m.echo, 50) + Micros(m.commits, 50));
}

double BytesPerLoss(const Traffic& traffic) {
  return static_cast<double>(traffic.bytes_in + traffic.bytes_out) /
         static_cast<double>(std::max<int64_t>(1, traffic.losses));
}

double ServerMicros(const Measurement& m) {
  return 1e6 * m.server_seconds / static_cast<double>(std::max<int64_t>(1, m.service.losses));
}

}  // namespace

std::string TableHead() {
  return "| encoding | D | batch | callers | losses/s | MB/s | / echo | / limit | tell p50, p99 us "
         "| "
         "/ (echo + commit) p50 | server us/loss | bytes/loss | idle before |\n"
         "|---|---|---|---|---|---|---|---|---|---|---|---|---|\n";
}

std::string TableLine(const Measurement& m) {
  const double mean_batch = static_cast<double>(m.service.losses) /
                            static_cast<double>(std::max<int64_t>(1, m.service.calls));
  return absl::StrFormat(
      "| %s | %d | %d (%.0f) | %d | %.3g | %.1f | %.2f | %.2f | %.0f, %.0f | %.2f | %.3f | %.1f | "
      "%.0f %% |\n",
      v1::AskRequest::Encoding_Name(m.cell.encoding), m.cell.dimension, m.cell.batch, mean_batch,
      m.cell.callers, m.service.losses_per_s(), m.service.bytes_per_s() / 1e6,
      m.service.losses_per_s() / m.echo.losses_per_s(), ShareOfLimit(m), Micros(m.service, 50),
      Micros(m.service, 99), LatencyRatio(m), ServerMicros(m), BytesPerLoss(m.service),
      m.idle_before);
}

nlohmann::json ToJson(const Measurement& m) {
  return {{"encoding", v1::AskRequest::Encoding_Name(m.cell.encoding)},
          {"dimension", m.cell.dimension},
          {"batch", m.cell.batch},
          {"callers", m.cell.callers},
          {"losses_per_s", m.service.losses_per_s()},
          {"bytes_per_s", m.service.bytes_per_s()},
          {"echo_losses_per_s", m.echo.losses_per_s()},
          {"commit_losses_per_s", m.commits.losses_per_s()},
          {"over_echo", m.service.losses_per_s() / m.echo.losses_per_s()},
          {"over_limit", ShareOfLimit(m)},
          {"tell_p50_us", Micros(m.service, 50)},
          {"tell_p99_us", Micros(m.service, 99)},
          {"echo_p50_us", Micros(m.echo, 50)},
          {"commit_p50_us", Micros(m.commits, 50)},
          {"p50_over_echo_and_commit", LatencyRatio(m)},
          {"server_us_per_loss", ServerMicros(m)},
          {"bytes_per_loss", BytesPerLoss(m.service)},
          {"dense_bytes_per_loss", 4.0 * m.cell.dimension + 8.0},
          {"idle_before_percent", m.idle_before}};
}

}  // namespace polystep::bench
