#include "server/rpc/evaluation_from_proto.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/field_error.h"
#include "server/engine/limits.h"
#include "server/rpc/enum_tables.h"
#include "server/rpc/resource_names.h"
#include "server/rpc/time_proto.h"

namespace polystep {
namespace {

constexpr absl::Duration kDeadlineMargin = absl::Milliseconds(250);
constexpr char kAnyStudyName[] = "studies/-";

absl::StatusOr<std::vector<Encoding>> EncodingsFromProto(const v1::AskRequest& proto) {
  std::vector<Encoding> encodings;
  for (int i = 0; i < proto.encodings_size(); ++i) {
    absl::StatusOr<Encoding> encoding =
        EnumFromProto(absl::StrCat("encodings[", i, "]"), kEncodings, proto.encodings(i));
    if (!encoding.ok()) return encoding.status();
    if (encodings.size() < kEncodings.size()) encodings.push_back(*encoding);
  }
  return encodings;
}

// At most `limit` bytes of a text, cut between characters.
std::string CutText(const std::string& text, size_t limit) {
  if (text.size() <= limit) return text;
  size_t end = limit;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

absl::StatusOr<LossSlice> SliceFromProto(const std::string& path, const v1::LossSlice& proto) {
  LossSlice slice;
  slice.first_index = proto.first_index();
  slice.losses.assign(proto.losses().begin(), proto.losses().end());
  slice.violations.assign(proto.violations().begin(), proto.violations().end());
  for (int i = 0; i < proto.failures_size(); ++i) {
    const v1::Failure& failure = proto.failures(i);
    absl::StatusOr<Failure::Kind> kind =
        EnumFromProto(absl::StrCat(path, ".failures[", i, "].kind"), kFailureKinds, failure.kind());
    if (!kind.ok()) return kind.status();
    slice.failures.push_back(
        {failure.index(), *kind, CutText(failure.message(), limits::kFailureMessage)});
  }
  return slice;
}

absl::StatusOr<AskParams> NextFromProto(const v1::TellRequest& proto, absl::Duration time_left) {
  v1::AskRequest next = proto.next();
  if (next.study().empty()) next.set_study(proto.study());
  if (next.study() != proto.study() && next.study() != kAnyStudyName) {
    return FieldError("next.study", absl::StrCat("must be empty, that of the tell, \"",
                                                 proto.study(), "\", or ", kAnyStudyName));
  }
  absl::StatusOr<AskParams> ask = AskFromProto(next, time_left);
  if (!ask.ok()) return PrefixField(ask.status(), "next.");
  return ask;
}

}  // namespace

absl::Duration WaitWithin(absl::Duration wait, absl::Duration time_left) {
  absl::Duration margin = std::min(kDeadlineMargin, time_left / 4);
  return std::clamp(time_left - margin, absl::ZeroDuration(), wait);
}

absl::StatusOr<AskParams> AskFromProto(const v1::AskRequest& proto, absl::Duration time_left) {
  absl::StatusOr<std::string> study = std::string(kAnyStudy);
  if (proto.study() != kAnyStudyName) study = StudyIdFromName("study", proto.study());
  if (!study.ok()) return study.status();
  AskParams ask;
  ask.labels.insert(proto.labels().begin(), proto.labels().end());
  ask.study = *std::move(study);
  ask.worker = proto.worker();
  ask.max_evaluations = proto.max_evaluations();
  ask.max_bytes = proto.max_bytes();
  ask.request_id = proto.request_id();
  if (proto.has_known_center_id()) ask.known_center_id = proto.known_center_id();
  absl::StatusOr<absl::Duration> wait = DurationFromProto("wait", proto.wait());
  if (!wait.ok()) return wait.status();
  ask.wait = WaitWithin(*wait, time_left);
  absl::StatusOr<std::vector<Encoding>> encodings = EncodingsFromProto(proto);
  if (!encodings.ok()) return encodings.status();
  ask.encodings = *std::move(encodings);
  if (proto.has_lease_ttl()) {
    absl::StatusOr<absl::Duration> ttl = DurationFromProto("lease_ttl", proto.lease_ttl());
    if (!ttl.ok()) return ttl.status();
    ask.lease_ttl = *ttl;
  }
  return ask;
}

absl::StatusOr<TellParams> TellFromProto(const v1::TellRequest& proto, absl::Duration time_left) {
  absl::StatusOr<std::string> study = StudyIdFromName("study", proto.study());
  if (!study.ok()) return study.status();
  if (proto.step() < 0) {
    return FieldError("step", absl::StrCat("must not be negative, is ", proto.step()));
  }
  TellParams tell;
  tell.study = *std::move(study);
  tell.token = proto.token();
  tell.step = proto.step();
  tell.release_rest = proto.release_rest();
  for (int i = 0; i < proto.slices_size(); ++i) {
    absl::StatusOr<LossSlice> slice =
        SliceFromProto(absl::StrCat("slices[", i, "]"), proto.slices(i));
    if (!slice.ok()) return slice.status();
    tell.slices.push_back(*std::move(slice));
  }
  if (proto.has_next()) {
    absl::StatusOr<AskParams> next = NextFromProto(proto, time_left);
    if (!next.ok()) return next.status();
    tell.next = *std::move(next);
  }
  return tell;
}

}  // namespace polystep
