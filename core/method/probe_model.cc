#include "core/method/probe_model.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace polystep {
namespace {

constexpr double kLeastCurvature = 1e-4;
constexpr double kNewtonShare = 0.3;

// Slope of means[k] over distances[k]^2 / 2; through the center's loss where there is one probe.
double Curvature(absl::Span<const double> distances, absl::Span<const double> means,
                 const std::optional<double>& center) {
  const size_t probes = distances.size();
  if (probes == 1) return center ? 2.0 * (means[0] - *center) / (distances[0] * distances[0]) : 0.0;
  double mean_x = 0.0;
  double mean_y = 0.0;
  for (size_t k = 0; k < probes; ++k) {
    mean_x += 0.5 * distances[k] * distances[k] / static_cast<double>(probes);
    mean_y += means[k] / static_cast<double>(probes);
  }
  double products = 0.0;
  double squares = 0.0;
  for (size_t k = 0; k < probes; ++k) {
    const double x = 0.5 * distances[k] * distances[k] - mean_x;
    products += x * (means[k] - mean_y);
    squares += x * x;
  }
  return squares > 0.0 ? products / squares : 0.0;
}

// One axis of an orthoplex.
void FitAxis(const ProbePattern& pattern, const ProbedLosses& probed, size_t axis,
             ProbeModel& model) {
  const size_t probes = pattern.distances.size();
  const size_t plus = axis * probes;
  const size_t minus = plus + model.gradient.size() * probes;
  std::vector<double> means(probes);
  double slopes = 0.0;
  double squares = 0.0;
  for (size_t k = 0; k < probes; ++k) {
    if (probed.outcomes[plus + k] != Outcome::kLoss) return;
    if (probed.outcomes[minus + k] != Outcome::kLoss) return;
    const double distance = pattern.distances[k];
    slopes += 0.5 * distance * (probed.losses[plus + k] - probed.losses[minus + k]);
    squares += distance * distance;
    means[k] = 0.5 * probed.losses[plus + k] + 0.5 * probed.losses[minus + k];
  }
  model.known[axis] = true;
  model.gradient[axis] = slopes / squares;
  model.curvature[axis] = Curvature(pattern.distances, means, probed.center);
}

// All axes of a frame without pairs of its own axes: one curvature, and none with a hole.
void FitFrame(const ProbePattern& pattern, const ProbedLosses& probed, ProbeModel& model) {
  const size_t dim = model.gradient.size();
  const size_t probes = pattern.distances.size();
  const size_t count = pattern.vertices.size() / dim;
  for (const Outcome outcome : probed.outcomes) {
    if (outcome != Outcome::kLoss) return;
  }
  std::vector<double> means(probes, 0.0);
  std::vector<double> losses(count);
  std::vector<double> gradient(dim);
  double squares = 0.0;
  for (size_t k = 0; k < probes; ++k) {
    for (size_t v = 0; v < count; ++v) {
      losses[v] = probed.losses[v * probes + k];
      means[k] += losses[v] / static_cast<double>(count);
    }
    const double distance = pattern.distances[k];
    FrameGradient(pattern.vertices, distance, losses, absl::MakeSpan(gradient));
    for (size_t j = 0; j < dim; ++j) model.gradient[j] += distance * distance * gradient[j];
    squares += distance * distance;
  }
  for (double& slope : model.gradient) slope /= squares;
  // The mean square of a component of a unit vector is 1/dim: the mean loss shows 1/dim of the sum
  // of the axes' curvatures, which is each one's share.
  const double curvature = Curvature(pattern.distances, means, probed.center);
  std::fill(model.curvature.begin(), model.curvature.end(), curvature);
  model.known.assign(dim, true);
}

}  // namespace

void FrameGradient(absl::Span<const double> vertices, double distance,
                   absl::Span<const double> losses, absl::Span<double> gradient) {
  const size_t dim = gradient.size();
  const auto count = static_cast<double>(losses.size());
  double mean = 0.0;
  for (const double loss : losses) mean += loss / count;
  std::fill(gradient.begin(), gradient.end(), 0.0);
  for (size_t v = 0; v < losses.size(); ++v) {
    for (size_t j = 0; j < dim; ++j) gradient[j] += (losses[v] - mean) * vertices[v * dim + j];
  }
  for (double& slope : gradient) slope *= static_cast<double>(dim) / (count * distance);
}

ProbeModel FitProbes(const ProbePattern& pattern, const ProbedLosses& probed) {
  const size_t vertices = probed.losses.size() / pattern.distances.size();
  const size_t dim = pattern.vertices.size() / vertices;
  ProbeModel model{std::vector<double>(dim, 0.0), std::vector<double>(dim, 0.0),
                   std::vector<bool>(dim, false)};
  // Without the center's loss one probe shows no curvature.
  if (pattern.distances.size() == 1 && !probed.center) return model;
  if (pattern.polytope != Polytope::kOrthoplex) {
    FitFrame(pattern, probed, model);
    return model;
  }
  for (size_t axis = 0; axis < dim; ++axis) FitAxis(pattern, probed, axis, model);
  return model;
}

void NewtonStep(const ProbeModel& model, double longest, absl::Span<const double> otherwise,
                absl::Span<double> step) {
  double square = 0.0;
  for (size_t j = 0; j < step.size(); ++j) {
    step[j] = -model.gradient[j] / std::max(model.curvature[j], kLeastCurvature);
    if (model.known[j]) square += step[j] * step[j];
  }
  const double length = std::sqrt(square);
  for (size_t j = 0; j < step.size(); ++j) {
    if (length > longest) step[j] *= longest / length;
    if (!model.known[j]) step[j] = otherwise[j];
  }
}

double PredictedChange(const ProbeModel& model, absl::Span<const double> step) {
  double change = 0.0;
  for (size_t j = 0; j < step.size(); ++j) {
    if (!model.known[j]) continue;
    change += model.gradient[j] * step[j] + 0.5 * model.curvature[j] * step[j] * step[j];
  }
  return change;
}

void RefineMove(const ProbeModel& model, double radius, absl::Span<double> move) {
  std::vector<double> refined(move.size());
  NewtonStep(model, 0.5 * radius, move, absl::MakeSpan(refined));
  for (size_t j = 0; j < move.size(); ++j) {
    refined[j] = (1.0 - kNewtonShare) * move[j] + kNewtonShare * refined[j];
  }
  // A model that overflowed suggests nothing.
  if (!(PredictedChange(model, refined) <= PredictedChange(model, move))) return;
  std::copy(refined.begin(), refined.end(), move.begin());
}

}  // namespace polystep
