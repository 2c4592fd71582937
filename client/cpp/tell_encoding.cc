#include "client/cpp/tell_encoding.h"

#include <algorithm>

namespace polystep::client {
namespace {

// Bytes of the UTF-8 character at the start of `text`; 0 if there is none.
size_t CharacterLength(std::string_view text) {
  auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  uint8_t lead = byte(0);
  if (lead < 0x80) return 1;
  size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  uint8_t second = byte(1);
  bool overlong = (lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90);
  bool outside = (lead == 0xed && second > 0x9f) || (lead == 0xf4 && second > 0x8f);
  return overlong || outside ? 0 : length;
}

// Before the loss is added. A slice has a violation for each loss, or none where all are feasible.
void AddViolation(const EvaluationResult& result, v1::LossSlice& slice) {
  const double violation = result.kind == EvaluationResult::Kind::kLoss ? result.violation : 0.0;
  if (violation == 0.0 && slice.violations_size() == 0) return;
  while (slice.violations_size() < slice.losses_size()) slice.add_violations(0.0);
  slice.add_violations(violation);
}

constexpr size_t kMaxMessage = 200;  // bytes of a reason

}  // namespace

std::string AsUtf8(std::string_view text, size_t max_bytes) {
  std::string clean;
  while (!text.empty()) {
    size_t length = CharacterLength(text);
    if (clean.size() + std::max<size_t>(length, 1) > max_bytes) break;
    if (length == 0) {
      clean += '?';
      text.remove_prefix(1);
    } else {
      clean.append(text.substr(0, length));
      text.remove_prefix(length);
    }
  }
  return clean;
}

void SliceWriter::Add(uint32_t index, const EvaluationResult& result) {
  constexpr size_t kHeadBytes = 32;  // of a slice or a failure
  if (slice_ == nullptr || index != next_index_) {
    slice_ = request_->add_slices();
    slice_->set_first_index(index);
    bytes_ += kHeadBytes;
  }
  next_index_ = index + 1;
  bytes_ += loss_bytes_;
  AddViolation(result, *slice_);
  if (result.kind == EvaluationResult::Kind::kLoss) {
    slice_->add_losses(result.loss);
    return;
  }
  slice_->add_losses(0.0);  // a place only: the failure counts
  v1::Failure* failure = slice_->add_failures();
  failure->set_index(index);
  failure->set_kind(result.kind == EvaluationResult::Kind::kTransient ? v1::Failure::TRANSIENT
                                                                      : v1::Failure::INFEASIBLE);
  failure->set_message(AsUtf8(result.message, kMaxMessage));
  bytes_ += kHeadBytes + failure->message().size();
}

}  // namespace polystep::client
