#include "tests/sim/sim_worker.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/random/pseudo_normal.h"

namespace polystep {
namespace {

// Null: candidates are whole.
std::shared_ptr<const Center> CenterOf(const LeaseGrant& grant) {
  return grant.block.center != nullptr ? grant.block.center : grant.frames.center;
}

// Moves what candidate `i` has different from the center.
void MoveFrame(const FrameCandidates& frames, size_t i, std::vector<float>& values) {
  if (i < frames.unchanged) return;
  const FrameMoves& moves = frames.moves;
  const size_t m = i - frames.unchanged;
  const auto f = static_cast<uint32_t>((moves.first_in_frame + m) / moves.candidates_per_frame);
  for (int64_t c = 0; c < moves.frames[f].size; ++c) {
    double offset = 0.0;
    for (uint32_t j = 0; j < moves.directions; ++j) {
      offset += static_cast<double>(moves.factors[m * moves.directions + j]) *
                PseudoNormal(moves.seed, (moves.first_frame + f) * moves.directions + j,
                             static_cast<uint32_t>(c));
    }
    float& value = values[static_cast<size_t>(moves.frames[f].first + c)];
    value = static_cast<float>(value + offset);
  }
}

// Candidate `i` of a lease, as its encoding has it.
Point PointOf(const LeaseGrant& grant, size_t i, size_t block_value) {
  const std::shared_ptr<const Center> center = CenterOf(grant);
  if (center == nullptr) {
    const auto dimension = static_cast<size_t>(grant.space->dimension());
    return grant.space->Decode(
        absl::MakeConstSpan(grant.coordinates).subspan(i * dimension, dimension));
  }
  std::vector<float> values = center->values;
  if (grant.block.center != nullptr) {
    const SearchSpace::Range range = grant.block.ranges[i];
    std::copy_n(grant.block.values.begin() + static_cast<std::ptrdiff_t>(block_value), range.size,
                values.begin() + range.first);
  } else {
    MoveFrame(grant.frames, i, values);
  }
  Point point;
  auto next = values.begin();
  for (const TensorSpec& tensor : grant.space->tensors()) {
    std::ptrdiff_t size = 1;
    for (int64_t length : tensor.shape) size *= length;
    point.tensors.emplace_back(next, next + size);
    next += size;
  }
  return point;
}

}  // namespace

void SimWorker::After(absl::Duration delay, std::function<void()> task) {
  shared_->executor->PostAfter(delay, [this, life = life_, task = std::move(task)] {
    if (life == life_) task();
  });
}

AskParams SimWorker::NextAsk() {
  AskParams params;
  const bool any = shared_->executor->Chance(0.3);
  const SimServed& served = AnyServed();
  params.study = any ? std::string(kAnyStudy) : served.id;
  params.worker = name_;
  params.wait = absl::Seconds(2);
  params.request_id = absl::StrCat(name_, "/", life_, "/", asks_++);
  if (shared_->executor->Chance(0.3)) {
    params.max_evaluations = 1 + static_cast<uint32_t>(shared_->executor->Number(12));
  }
  if (any || !served.study.spec.search.tensors.empty()) ChooseEncodings(params, any);
  if (shared_->executor->Chance(0.1)) params.lease_ttl = absl::Seconds(12);  // is journaled
  return params;
}

// The ask of one study, made for another.
AskParams SimWorker::AskOf(const std::string& study, AskParams params) {
  if (params.study != study) params.encodings.clear();
  params.study = study;
  return params;
}

// Of any study: what it may be sent must have a form for each.
void SimWorker::ChooseEncodings(AskParams& params, bool any) {
  if (!shared_->executor->Chance(0.6)) return;
  params.encodings = {Encoding::kSubspace, Encoding::kBlock, Encoding::kDense};
  if (shared_->executor->Chance(0.3)) params.encodings.erase(params.encodings.begin());
  if (any) params.encodings.push_back(Encoding::kNamed);
}

SimServed& SimWorker::AnyServed() {
  std::vector<SimServed>& served = shared_->served;
  return served.size() == 1 ? served[0] : served[shared_->executor->Number(served.size())];
}

void SimWorker::Ask() { AskWith(NextAsk()); }

void SimWorker::AskWith(AskParams params) {
  shared_->network->Call<AskResult>(
      [params](Engine& engine, Callback<AskResult> done) {
        engine.Ask(
            params, [] { return false; }, std::move(done));
      },
      [this, life = life_, params](absl::StatusOr<AskResult> result) {
        if (life == life_) Continue(std::move(result), params);
      });
}

void SimWorker::Continue(absl::StatusOr<AskResult> result, AskParams params) {
  if (!result.ok()) {  // the same request again: a lease granted unheard is still ours
    After(shared_->executor->Between(0.05, 0.5), [this, params] { AskWith(params); });
  } else if (result->lease) {
    Work(*std::move(result->lease));
  } else {
    After(shared_->executor->Between(0.1, 1.0), [this] { Ask(); });
  }
}

void SimWorker::Crash() {
  ++life_;
  After(shared_->executor->Between(0.1, 8.0), [this] { Ask(); });
}

void SimWorker::Work(LeaseGrant grant) {
  SimExecutor& executor = *shared_->executor;
  if (executor.Chance(options_.crash)) return Crash();
  absl::Duration work = grant.count * executor.Between(0.0, options_.max_seconds);
  if (executor.Chance(options_.stall)) work += executor.Between(5.0, 20.0);
  KeepAlive(grant, work);
  if (CenterOf(grant) != nullptr) CheckCenter(grant);
  auto batch = std::make_shared<Batch>();
  batch->tells = Answers(grant);
  batch->grant = std::move(grant);
  After(work, [this, batch] { TellNext(batch); });
}

// A center is what the lease says, whenever it is asked for, or it is not there any more.
void SimWorker::CheckCenter(const LeaseGrant& grant) {
  shared_->network->Call<CenterView>(
      [study = grant.study, id = CenterOf(grant)->id](Engine& engine, Callback<CenterView> done) {
        engine.GetCenter(study, id, "", std::move(done));
      },
      [this, center = CenterOf(grant)](absl::StatusOr<CenterView> view) {
        if (view.ok() && view->center->values != center->values) {
          shared_->violation(absl::StrCat("center ", center->id, " has two contents"));
        }
      });
}

void SimWorker::KeepAlive(const LeaseGrant& grant, absl::Duration work) {
  if (work < grant.ttl / 2 || !shared_->executor->Chance(0.7)) return;
  After(grant.ttl / 2, [this, grant, work] {
    shared_->network->Call<std::vector<RenewResult>>(
        [study = grant.study, token = grant.token](Engine& engine,
                                                   Callback<std::vector<RenewResult>> done) {
          engine.Renew(study, {token}, std::move(done));
        },
        [](absl::StatusOr<std::vector<RenewResult>>) {});
    KeepAlive(grant, work - grant.ttl / 2);
  });
}

void SimWorker::Fill(SimServed& served, const LeaseGrant& grant, const Point& point, uint32_t index,
                     LossSlice& slice) {
  SimAnswer answer = served.study.Evaluate(point, grant.evaluation_seed);
  bool first = served.failed_once.insert({grant.step, index}).second;
  // Slices of feasible losses have no violations.
  if (answer.violation > 0.0 || !slice.violations.empty()) {
    slice.violations.resize(slice.losses.size(), 0.0);
    slice.violations.push_back(answer.violation);
  }
  slice.losses.push_back(answer.loss);
  if (answer.kind == SimAnswer::Kind::kInfeasible) {
    slice.failures.push_back({index, Failure::Kind::kInfeasible, "no solution"});
  } else if (answer.kind == SimAnswer::Kind::kTransient ||
             (answer.kind == SimAnswer::Kind::kTransientOnce && first)) {
    slice.failures.push_back({index, Failure::Kind::kTransient, "out of licences"});
  }
}

std::vector<TellParams> SimWorker::Answers(const LeaseGrant& grant) {
  SimExecutor& executor = *shared_->executor;
  SimServed& served = shared_->Of(grant.study);
  std::vector<TellParams> tells;
  size_t block_value = 0;
  bool split = executor.Chance(options_.split);
  for (uint32_t i = 0; i < grant.count; ++i) {
    Point point = PointOf(grant, i, block_value);
    if (grant.block.center != nullptr) {
      block_value += static_cast<size_t>(grant.block.ranges[i].size);
    }
    uint32_t index = grant.first_index + i;
    if (tells.empty() || (split && executor.Chance(0.4))) {
      TellParams tell;
      tell.study = grant.study;
      tell.token = grant.token;
      tell.step = grant.step;
      tell.slices.push_back({index, {}, {}});
      tells.push_back(std::move(tell));
    }
    Fill(served, grant, point, index, tells.back().slices.back());
  }
  for (size_t i = tells.size(); i > 1; --i) std::swap(tells[i - 1], tells[executor.Number(i)]);
  return tells;
}

void SimWorker::TellNext(std::shared_ptr<Batch> batch) {
  SimExecutor& executor = *shared_->executor;
  if (executor.Chance(options_.mischief)) Mischief();
  if (batch->tells.empty()) return Ask();
  TellParams tell = std::move(batch->tells.back());
  batch->tells.pop_back();
  if (!batch->tells.empty() && executor.Chance(options_.abandon)) {
    batch->tells.clear();
    tell.release_rest = true;
  }
  if (batch->tells.empty() && executor.Chance(options_.chain)) {
    tell.next = NextAsk();
    if (tell.next->study != kAnyStudy) tell.next = AskOf(tell.study, *std::move(tell.next));
  }
  SendTell(batch, std::move(tell));
}

void SimWorker::SendTell(std::shared_ptr<Batch> batch, TellParams tell) {
  shared_->network->Call<TellResult>(
      [this, tell](Engine& engine, Callback<TellResult> done) {
        engine.Tell(
            tell, [] { return false; },
            [this, tell, done = std::move(done)](absl::StatusOr<TellResult> result) mutable {
              Observe(tell, result);
              std::move(done)(std::move(result));
            });
      },
      [this, life = life_, batch, tell](absl::StatusOr<TellResult> result) {
        if (life != life_) return;
        if (!result.ok()) {
          return After(shared_->executor->Between(0.05, 0.5),
                       [this, batch, tell] { SendTell(batch, tell); });
        }
        if (tell.next && result->next) return Continue(*std::move(result->next), *tell.next);
        TellNext(batch);
      });
}

// At the server's end: from here on every answer of the tell must survive.
void SimWorker::Observe(const TellParams& tell, const absl::StatusOr<TellResult>& result) {
  if (!result.ok()) {
    if (!absl::IsUnavailable(result.status()) && !absl::IsResourceExhausted(result.status())) {
      shared_->violation(absl::StrCat("a tell failed: ", result.status().ToString()));
    }
    return;
  }
  if (result->conflicting > 0) shared_->violation("an honest tell was conflicting");
  auto& acknowledged = shared_->Of(tell.study).acknowledged;
  for (const LossSlice& slice : tell.slices) {
    std::set<uint32_t> transient, infeasible;
    for (const Failure& failure : slice.failures) {
      (failure.kind == Failure::Kind::kTransient ? transient : infeasible).insert(failure.index);
    }
    for (uint32_t i = 0; i < slice.losses.size(); ++i) {
      uint32_t index = slice.first_index + i;
      if (transient.contains(index)) continue;
      acknowledged[{tell.step, index}] = {tell.token, slice.losses[i],
                                          slice.violations.empty() ? 0.0 : slice.violations[i],
                                          infeasible.contains(index)};
    }
  }
  shared_->tell_acknowledged();
}

// Tells another loss, or another violation, for something that was acknowledged: nothing may come
// of it.
void SimWorker::Mischief() {
  const SimServed& served = AnyServed();
  if (served.acknowledged.empty()) return;
  auto last = served.acknowledged.rbegin();
  for (uint64_t back = shared_->executor->Number(8);
       back > 0 && std::next(last) != served.acknowledged.rend(); --back) {
    ++last;
  }
  TellParams tell;
  tell.study = served.id;
  tell.token = last->second.token;
  tell.step = last->first.first;
  const double other = shared_->executor->Chance(0.5) ? 1.0 : 0.0;
  tell.slices.push_back({last->first.second,
                         {last->second.loss + other},
                         {},
                         {last->second.violation + 1.0 - other}});
  shared_->network->Call<TellResult>(
      [this, tell](Engine& engine, Callback<TellResult> done) {
        engine.Tell(
            tell, [] { return false; },
            [this, done = std::move(done)](absl::StatusOr<TellResult> result) mutable {
              if (result.ok() && result->accepted > 0) {
                shared_->violation("a second answer was accepted");
              }
              std::move(done)(std::move(result));
            });
      },
      [](absl::StatusOr<TellResult>) {});
}

}  // namespace polystep
