#include "client/cli/minimize_study.h"

#include "absl/strings/str_cat.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/util/message_differencer.h"

namespace polystep::cli {
namespace {

constexpr char kLabel[] = "polystep-minimize-spec";

absl::StatusOr<v1::Study> Reopen(const client::Study& named, v1::Study study,
                                 const v1::StopCriteria& stop) {
  bool changed = !google::protobuf::util::MessageDifferencer::Equals(study.spec().stop(), stop);
  if (changed) {
    v1::Study change;
    *change.mutable_spec()->mutable_stop() = stop;
    absl::StatusOr<v1::Study> updated = named.Update(std::move(change), {"spec.stop"});
    if (!updated.ok()) return updated.status();
    study = *std::move(updated);
  }
  bool resume = study.state() == v1::Study::PAUSED || study.state() == v1::Study::STOPPED ||
                (study.state() == v1::Study::SUCCEEDED && changed);
  if (!resume) return study;
  absl::StatusOr<v1::Study> resumed = named.Resume();
  // A criterion that is met already: the study stays ended.
  if (absl::IsFailedPrecondition(resumed.status())) return study;
  return resumed;
}

}  // namespace

std::string SpecFingerprint(const v1::StudySpec& spec) {
  v1::StudySpec fixed = spec;
  fixed.clear_stop();
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    fixed.SerializeToCodedStream(&coded);
  }
  uint64_t hash = 14695981039346656037u;  // FNV-1a
  for (char byte : bytes) hash = (hash ^ static_cast<uint8_t>(byte)) * 1099511628211u;
  return absl::StrCat(absl::Hex(hash, absl::kZeroPad16));
}

bool HasStopCriterion(const v1::StudySpec& spec) {
  const v1::StopCriteria& stop = spec.stop();
  return stop.has_max_steps() || stop.has_max_evaluations() || stop.has_max_time() ||
         stop.has_target_loss() || stop.has_patience_steps();
}

absl::StatusOr<v1::Study> OpenMinimizeStudy(const client::Client& client, const v1::StudySpec& spec,
                                            const std::string& data) {
  client::Study named = client.GetStudy(kMinimizeStudy);
  std::string fingerprint = SpecFingerprint(spec);
  absl::StatusOr<v1::Study> found = named.Get();
  if (absl::IsNotFound(found.status())) {
    return client.CreateStudy(kMinimizeStudy, spec, {.labels = {{kLabel, fingerprint}}});
  }
  if (!found.ok()) return found.status();
  auto label = found->labels().find(kLabel);
  if (label == found->labels().end() || label->second != fingerprint) {
    return absl::FailedPreconditionError(
        absl::StrCat("--data ", data,
                     ": holds a study of another spec (only `stop` may change); give another "
                     "folder, or the spec it was started with"));
  }
  return Reopen(named, *std::move(found), spec.stop());
}

}  // namespace polystep::cli
