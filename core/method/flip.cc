#include "core/method/flip.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>
#include <variant>

#include "core/base/wide.h"
#include "core/random/portable_inline.h"
#include "core/random/portable_math.h"
#include "core/random/random_stream.h"
#include "core/space/bit_coordinates.h"

namespace polystep {
namespace {

constexpr double kScaleSweeps = 4.0;         // memory of differences
constexpr double kMoveMemory = 0.9;          // kept of earlier moves at each
constexpr double kMostSurprise = 0.5;        // of the magnitude of a move
constexpr double kDampingChange = 0.1;       // most, in logarithms, of one step
constexpr double kInfeasibleDamping = 0.75;  // rare chance failures must not end all moves
constexpr int64_t kBitsTogether = 4096;      // of an order, taken at a time
constexpr double kFlatExponent = 700.0;      // beyond, the chance is 0 or 1

// exp((loss - center) / temperature), bit for bit with PortableExp: the odds against a flip.
POLYSTEP_WIDE void TakeOdds(const double* losses, double center, double temperature, size_t count,
                            double* odds) {
  for (size_t n = 0; n < count; ++n) {
    const double difference = losses[n] - center;
    const double quotient = difference / temperature;
    const double low = quotient > -kFlatExponent ? quotient : -kFlatExponent;  // also of a NaN
    const double exponent = low > kFlatExponent ? kFlatExponent : low;
    // A quotient of 0 / 0 is a flip that changes nothing.
    odds[n] = difference == 0.0 ? 0.0 : exponent;
  }
  for (size_t n = 0; n < count; ++n) odds[n] = portable::ExpInRange(odds[n], 0.0);
}

}  // namespace

bool IsBinary(const SearchSpace& space) {
  for (const ParameterSpec& parameter : space.parameters()) {
    if (std::holds_alternative<CategoricalDomain>(parameter.domain)) return false;
  }
  const auto& runs = space.coordinates().runs();
  return std::all_of(runs.begin(), runs.end(), [](const CoordinateRuns::Run& run) {
    const Coordinate& c = run.coordinate;
    return c.lower == 0.0 && c.upper == 1.0 && c.spacing == 0.5;
  });
}

FlipRule::FlipRule(RuleContext context, FlipOptions options)
    : context_(std::move(context)), options_(options) {
  FlipRule::StartAt(context_.space->InitialCoordinates(context_.seed));
}

void FlipRule::StartAt(absl::Span<const double> center) {
  bits_ = BitsOf(center);
  center_ = CoordinatesOf(bits_);
}

Permutation FlipRule::Order(int64_t sweep) const {
  return Permutation(center_.size(), RandomStream(context_.seed, static_cast<uint64_t>(sweep), 0,
                                                  Draw::kPermutation));
}

template <class Visit>
void FlipRule::ForRuns(uint32_t first, uint32_t count, Visit visit) const {
  const auto size = static_cast<int64_t>(center_.size());
  int64_t place = asked_ + first - 1;
  std::array<uint32_t, kBitsTogether> bits;
  uint32_t row = first;
  const uint32_t end = first + count;
  while (row < end) {
    const int64_t at = place % size;
    const auto here =
        static_cast<uint32_t>(std::min<int64_t>({end - row, size - at, kBitsTogether}));
    Order(place / size).Take(static_cast<uint64_t>(at), here, bits.data());
    visit(row, absl::MakeConstSpan(bits.data(), here));
    row += here;
    place += here;
  }
}

template <class Visit>
void FlipRule::ForBits(uint32_t first, uint32_t count, Visit visit) const {
  ForRuns(first, count, [&](uint32_t row, absl::Span<const uint32_t> bits) {
    for (const uint32_t bit : bits) visit(row++, bit);
  });
}

void FlipRule::Candidates(int64_t step, uint32_t first, uint32_t count,
                          absl::Span<double> out) const {
  WholeCandidates(step, first, count, out);
}

void FlipRule::Changes(int64_t /*step*/, uint32_t first, absl::Span<SearchSpace::Range> ranges,
                       absl::Span<double> values) const {
  const uint32_t centers = first == 0 && !ranges.empty() ? 1 : 0;
  if (centers == 1) ranges[0] = {0, 0};
  ForBits(first + centers, static_cast<uint32_t>(ranges.size()) - centers,
          [&](uint32_t row, uint32_t bit) {
            ranges[row - first] = {bit, 1};
          });
  // By themselves: reads all over the center then overlap.
  for (size_t n = centers; n < ranges.size(); ++n) {
    values[n] = CoordinateOf(!bits_[static_cast<size_t>(ranges[n].first)]);
  }
}

StepLengths FlipRule::Update(const StepAnswers& answers) {
  const bool moves = answers.outcomes[0] != Outcome::kMissing;
  if (answers.outcomes[0] == Outcome::kLoss) {
    LearnScale(answers);
    AdaptDamping(answers.losses[0]);
    TakeFlips(answers);
  } else if (moves && !TakeBack()) {
    answers.outcomes[0] == Outcome::kInfeasible ? LeaveInfeasible(answers)
                                                : LeaveViolation(answers);
  }
  asked_ += answers.rows - 1;
  ++updates_;
  StepLengths lengths;
  lengths.step_radius = moves ? static_cast<double>(move_.bits.size()) : 0.0;
  lengths.probe_distance = 1.0;
  return lengths;
}

void FlipRule::LearnScale(const StepAnswers& answers) {
  const double share = static_cast<double>(answers.rows - 1) / static_cast<double>(center_.size());
  const double keep = 1.0 - std::min(1.0, share / kScaleSweeps);
  difference_sum_ *= keep;
  difference_count_ *= keep;
  for (uint32_t row = 1; row < answers.rows; ++row) {
    if (answers.outcomes[row] != Outcome::kLoss) continue;
    const double difference = std::fabs(answers.losses[row] - answers.losses[0]);
    if (difference == 0.0 || !std::isfinite(difference)) continue;
    difference_sum_ += difference;
    difference_count_ += 1.0;
  }
}

void FlipRule::AdaptDamping(double loss) {
  // Losses of noisy studies do not compare between steps.
  if (!move_.known || context_.noisy || move_.magnitude == 0.0) return;
  surprise_sum_ = kMoveMemory * surprise_sum_ + (loss - move_.loss - move_.expected);
  magnitude_sum_ = kMoveMemory * magnitude_sum_ + move_.magnitude;
  const double surprise = surprise_sum_ / magnitude_sum_;
  if (!std::isfinite(surprise)) return;
  const double change = kDampingChange * (1.0 - surprise / kMostSurprise);
  damping_ *= PortableExp(std::clamp(change, -kDampingChange, kDampingChange));
  damping_ = std::clamp(damping_, 1.0 / options_.flips, 1.0);
}

void FlipRule::TakeFlips(const StepAnswers& answers) {
  const double scale = difference_count_ > 0.0 ? difference_sum_ / difference_count_ : 0.0;
  const double temperature = options_.epsilon.At(updates_) * scale;
  RandomStream chances(context_.seed, static_cast<uint64_t>(answers.step), 0, Draw::kAcceptance);
  move_.bits.clear();
  move_.known = true;
  move_.loss = answers.losses[0];
  move_.expected = 0.0;
  move_.magnitude = 0.0;
  const Bits before = bits_;
  std::array<double, kBitsTogether> odds;
  ForRuns(1, answers.rows - 1, [&](uint32_t first, absl::Span<const uint32_t> bits) {
    TakeOdds(&answers.losses[first], answers.losses[0], temperature, bits.size(), odds.data());
    for (size_t n = 0; n < bits.size(); ++n) {
      const size_t row = first + n;
      const double chance = (static_cast<double>(chances.NextU32()) + 0.5) * 0x1p-32;
      if (answers.outcomes[row] != Outcome::kLoss) continue;
      if (chance * (1.0 + odds[n]) >= damping_) continue;
      const double difference = answers.losses[row] - answers.losses[0];
      move_.expected += difference;
      move_.magnitude += std::fabs(difference);
      // A bit that was asked for at the end of one sweep and the start of the next moves once.
      if (bits_[bits[n]] == before[bits[n]]) bits_.Flip(bits[n]);
    }
  });
  bits_.ForDifferent(before, [&](size_t bit) {
    move_.bits.push_back(static_cast<uint32_t>(bit));
    center_[bit] = CoordinateOf(bits_[bit]);
  });
}

// The last move led out of what is feasible: takes it back and makes the next ones smaller. False
// if there was none, or none from a feasible center.
bool FlipRule::TakeBack() {
  if (!move_.known || move_.bits.empty()) return false;
  for (uint32_t bit : move_.bits) Flip(bit);
  move_.bits.clear();
  move_.known = false;
  damping_ = std::max(kInfeasibleDamping * damping_, 1.0 / options_.flips);
  return true;
}

// From a first center that is infeasible: to the best flip, or else anywhere.
void FlipRule::LeaveInfeasible(const StepAnswers& answers) {
  std::optional<uint32_t> lowest;
  uint32_t to = 0;
  ForBits(1, answers.rows - 1, [&](uint32_t row, uint32_t bit) {
    if (row == 1) to = bit;
    if (answers.outcomes[row] == Outcome::kMissing) return;
    if (lowest && !(answers.merit(row) < answers.merit(*lowest))) return;
    lowest = row;
    to = bit;
  });
  if (answers.rows > 1) Flip(to);
}

// From a first center that violates constraints: half of the flips that are better, at least one of
// them; the best flip if none is.
void FlipRule::LeaveViolation(const StepAnswers& answers) {
  RandomStream chances(context_.seed, static_cast<uint64_t>(answers.step), 0, Draw::kAcceptance);
  const Merit center = answers.merit(0);
  std::vector<uint32_t> bits;
  ForBits(1, answers.rows - 1, [&](uint32_t row, uint32_t bit) {
    const bool chosen = chances.NextU32() % 2 == 0 || bits.empty();
    if (answers.outcomes[row] == Outcome::kMissing || !chosen) return;
    if (answers.merit(row) < center) bits.push_back(bit);
  });
  if (bits.empty()) return LeaveInfeasible(answers);
  std::sort(bits.begin(), bits.end());
  bits.erase(std::unique(bits.begin(), bits.end()), bits.end());
  for (uint32_t bit : bits) Flip(bit);
}

void FlipRule::Flip(uint32_t bit) {
  bits_.Flip(bit);
  center_[bit] = CoordinateOf(bits_[bit]);
}

void FlipRule::Save(ByteWriter& writer) const {
  writer.U64(bits_.size());
  writer.Text(bits_.bytes());
  writer.I64(updates_);
  writer.I64(asked_);
  for (double value :
       {damping_, difference_sum_, difference_count_, surprise_sum_, magnitude_sum_}) {
    writer.F64(value);
  }
  writer.Bool(move_.known);
  for (double value : {move_.loss, move_.expected, move_.magnitude}) writer.F64(value);
  writer.U64(move_.bits.size());
  for (uint32_t bit : move_.bits) writer.U32(bit);
}

bool FlipRule::Restore(ByteReader& reader) {
  if (reader.U64() != center_.size()) return false;
  std::optional<Bits> bits = Bits::FromBytes(center_.size(), reader.Text());
  if (!bits) return false;
  bits_ = *std::move(bits);
  center_ = CoordinatesOf(bits_);
  updates_ = reader.I64();
  asked_ = reader.I64();
  for (double* value :
       {&damping_, &difference_sum_, &difference_count_, &surprise_sum_, &magnitude_sum_}) {
    *value = reader.F64();
  }
  move_.known = reader.Bool();
  for (double* value : {&move_.loss, &move_.expected, &move_.magnitude}) *value = reader.F64();
  const uint64_t moved = reader.U64();
  if (moved > center_.size()) return false;
  move_.bits.resize(moved);
  for (uint32_t& bit : move_.bits) {
    bit = reader.U32();
    if (bit >= center_.size()) return false;
  }
  return reader.ok() && updates_ >= 0 && asked_ >= 0 && damping_ > 0.0 && damping_ <= 1.0;
}

}  // namespace polystep
