#include "core/search/answered_points.h"

namespace polystep {
namespace {

uint64_t Mix(uint64_t value) {
  value ^= value >> 32;
  value *= 0xd6e8feb86659fd93ULL;
  value ^= value >> 32;
  value *= 0xd6e8feb86659fd93ULL;
  value ^= value >> 32;
  return value;
}

}  // namespace

PointKey KeyOf(std::string_view decoded) {
  PointKey key{0x9e3779b97f4a7c15ULL ^ decoded.size(), 0xc2b2ae3d27d4eb4fULL};
  for (size_t at = 0; at < decoded.size(); at += 8) {
    uint64_t word = 0;
    for (size_t i = at; i < decoded.size() && i < at + 8; ++i) {
      word |= static_cast<uint64_t>(static_cast<uint8_t>(decoded[i])) << (8 * (i - at));
    }
    key.first = Mix(key.first ^ word) + key.second;
    key.second = Mix(key.second + word) ^ (key.first * 0x9fb21c651e98df25ULL);
  }
  return {Mix(key.first), Mix(key.second ^ key.first)};
}

const AnsweredPoints::Answer* AnsweredPoints::Find(const PointKey& key) const {
  auto place = places_.find(key);
  return place == places_.end() ? nullptr : &answers_[place->second];
}

void AnsweredPoints::Insert(const Answer& answer) {
  if (places_.contains(answer.key)) return;
  if (answers_.size() < kCapacity) {
    places_[answer.key] = static_cast<uint32_t>(answers_.size());
    answers_.push_back(answer);
    return;
  }
  places_.erase(answers_[oldest_].key);
  places_[answer.key] = static_cast<uint32_t>(oldest_);
  answers_[oldest_] = answer;
  oldest_ = (oldest_ + 1) % kCapacity;
}

void AnsweredPoints::Save(ByteWriter& writer) const {
  writer.U32(static_cast<uint32_t>(answers_.size()));
  for (size_t n = 0; n < answers_.size(); ++n) {
    const Answer& answer = answers_[(oldest_ + n) % answers_.size()];
    writer.U64(answer.key.first);
    writer.U64(answer.key.second);
    writer.F64(answer.loss);
    writer.U8(static_cast<uint8_t>(answer.outcome));
    if (answer.outcome == Outcome::kViolation) writer.F64(answer.violation);
  }
}

bool AnsweredPoints::Restore(ByteReader& reader) {
  *this = AnsweredPoints();
  const uint32_t count = reader.U32();
  if (count > kCapacity) return false;
  for (uint32_t n = 0; n < count && reader.ok(); ++n) {
    Answer answer;
    answer.key.first = reader.U64();
    answer.key.second = reader.U64();
    answer.loss = reader.F64();
    const uint8_t outcome = reader.U8();
    if (outcome > static_cast<uint8_t>(Outcome::kViolation)) return false;
    answer.outcome = static_cast<Outcome>(outcome);
    if (answer.outcome == Outcome::kViolation) answer.violation = reader.F64();
    Insert(answer);
  }
  return reader.ok();
}

}  // namespace polystep
