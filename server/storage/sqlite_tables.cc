#include "server/storage/sqlite_tables.h"

#include <string>
#include <variant>

#include "absl/strings/str_cat.h"
#include "server/base/crc32c.h"

namespace polystep {
namespace {

enum Name {
  kPutStudy,
  kMarkErased,
  kEraseStudy,
  kAppendAnswers,
  kPutStep,
  kPutSnapshot,
  kSavepoint,
  kRelease,
  kRollback,
  kFirstErased,
  kPurgeAnswers,
  kPurgeSteps,
  kPurgeSnapshot,
  kForgetErased,
  kPutTensor,
  kPutTensorPart,
  kEraseTensorParts,
  kEraseTensor,
  kNames
};

// An erased study keeps its number in `erased` until the last of its records is gone; 256 records
// go in one transaction.
constexpr const char* kSql[kNames] = {
    "INSERT INTO studies (uid, id, bytes, crc) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (uid) "
    "DO UPDATE SET id = excluded.id, bytes = excluded.bytes, crc = excluded.crc",
    "INSERT INTO erased (study) SELECT study FROM studies WHERE uid = ?1",
    "DELETE FROM studies WHERE uid = ?1",
    "INSERT INTO answers (study, step, bytes, crc) "
    "SELECT study, ?2, ?3, ?4 FROM studies WHERE uid = ?1",
    "REPLACE INTO steps (study, step, bytes, crc) "
    "SELECT study, ?2, ?3, ?4 FROM studies WHERE uid = ?1",
    "REPLACE INTO snapshots (study, step, bytes, crc) "
    "SELECT study, ?2, ?3, ?4 FROM studies WHERE uid = ?1",
    "SAVEPOINT unit",
    "RELEASE unit",
    "ROLLBACK TO unit",
    "SELECT study FROM erased LIMIT 1",
    "DELETE FROM answers WHERE sequence IN "
    "(SELECT sequence FROM answers WHERE study = ?1 LIMIT 256)",
    "DELETE FROM steps WHERE study = ?1 AND step IN "
    "(SELECT step FROM steps WHERE study = ?1 LIMIT 256)",
    "DELETE FROM snapshots WHERE study = ?1",
    "DELETE FROM erased WHERE study = ?1",
    "INSERT INTO tensors (id, bytes, crc) VALUES (?1, ?2, ?3) ON CONFLICT (id) "
    "DO UPDATE SET bytes = excluded.bytes, crc = excluded.crc",
    "INSERT INTO tensor_parts (tensor, part, bytes, crc) "
    "SELECT tensor, ?2, ?3, ?4 FROM tensors WHERE id = ?1",
    "DELETE FROM tensor_parts WHERE tensor = (SELECT tensor FROM tensors WHERE id = ?1)",
    "DELETE FROM tensors WHERE id = ?1",
};

absl::Status UnknownStudy(std::string_view uid) {
  return absl::NotFoundError(absl::StrCat("no study has uid ", std::string(uid)));
}

// Runs one of the statements that take a study's record of a step; a study that is not there
// gives no row.
absl::Status PutRecord(SqliteStatement& statement, std::string_view uid, int64_t step,
                       std::string_view bytes) {
  return statement.BindText(1, uid).Bind(2, step).BindBlob(3, bytes).Bind(4, Crc32c(bytes)).Run();
}

}  // namespace

absl::StatusOr<SqliteTables> SqliteTables::Prepare(SqliteConnection* connection) {
  std::vector<SqliteStatement> statements;
  for (const char* sql : kSql) {
    absl::StatusOr<SqliteStatement> statement = connection->Prepare(sql);
    if (!statement.ok()) return statement.status();
    statements.push_back(*std::move(statement));
  }
  return SqliteTables(connection, std::move(statements));
}

// That of AppendAnswers, by far the most frequent.
bool SqliteTables::IsOneStatement(const std::vector<Mutation>& unit) {
  return unit.size() == 1 && std::holds_alternative<AppendAnswers>(unit[0]);
}

bool SqliteTables::IsUnitError(const absl::Status& status) {
  return absl::IsNotFound(status) || absl::IsAlreadyExists(status);
}

absl::Status SqliteTables::Apply(const std::vector<Mutation>& unit) {
  if (unit.empty()) return absl::OkStatus();
  if (IsOneStatement(unit)) {
    return ApplyOne(std::get<AppendAnswers>(unit[0]));
  }
  absl::Status status = statements_[kSavepoint].Run();
  if (!status.ok()) return status;
  for (const Mutation& mutation : unit) {
    status = std::visit([this](const auto& one) { return ApplyOne(one); }, mutation);
    if (!status.ok()) break;
  }
  if (!status.ok()) {
    if (!IsUnitError(status)) return status;
    absl::Status undone = statements_[kRollback].Run();
    if (!undone.ok()) return undone;
  }
  absl::Status released = statements_[kRelease].Run();
  return released.ok() ? status : released;
}

absl::Status SqliteTables::ApplyOne(const PutStudy& mutation) {
  const StudyRecord& study = mutation.study;
  absl::Status status = statements_[kPutStudy]
                            .BindText(1, study.uid)
                            .BindText(2, study.id)
                            .BindBlob(3, study.bytes)
                            .Bind(4, Crc32c(study.bytes))
                            .Run();
  if (!absl::IsAlreadyExists(status)) return status;
  return absl::AlreadyExistsError(absl::StrCat("another study has the id ", study.id));
}

absl::Status SqliteTables::ApplyOne(const EraseStudy& mutation) {
  absl::Status status = statements_[kMarkErased].BindText(1, mutation.uid).Run();
  if (!status.ok()) return status;
  if (connection_->changes() == 0) return UnknownStudy(mutation.uid);
  return statements_[kEraseStudy].BindText(1, mutation.uid).Run();
}

absl::Status SqliteTables::ApplyOne(const AppendAnswers& mutation) {
  const AnswerRecord& answers = mutation.answers;
  absl::Status status =
      PutRecord(statements_[kAppendAnswers], mutation.uid, answers.step, answers.bytes);
  if (status.ok() && connection_->changes() == 0) return UnknownStudy(mutation.uid);
  return status;
}

absl::Status SqliteTables::ApplyOne(const PutStep& mutation) {
  const StepRecord& step = mutation.step;
  absl::Status status = PutRecord(statements_[kPutStep], mutation.uid, step.step, step.bytes);
  if (status.ok() && connection_->changes() == 0) return UnknownStudy(mutation.uid);
  return status;
}

absl::Status SqliteTables::ApplyOne(const PutSnapshot& mutation) {
  const SnapshotRecord& snapshot = mutation.snapshot;
  absl::Status status =
      PutRecord(statements_[kPutSnapshot], mutation.uid, snapshot.step, snapshot.bytes);
  if (status.ok() && connection_->changes() == 0) return UnknownStudy(mutation.uid);
  return status;
}

absl::Status SqliteTables::ApplyOne(const PutTensor& mutation) {
  const TensorRecord& tensor = mutation.tensor;
  absl::Status status = statements_[kPutTensor]
                            .BindText(1, tensor.id)
                            .BindBlob(2, tensor.bytes)
                            .Bind(3, Crc32c(tensor.bytes))
                            .Run();
  if (!status.ok() || mutation.parts.empty()) return status;
  status = statements_[kEraseTensorParts].BindText(1, tensor.id).Run();
  for (size_t i = 0; i < mutation.parts.size() && status.ok(); ++i) {
    status = PutRecord(statements_[kPutTensorPart], tensor.id, static_cast<int64_t>(i),
                       mutation.parts[i]);
  }
  return status;
}

absl::Status SqliteTables::ApplyOne(const EraseTensor& mutation) {
  for (Name name : {kEraseTensorParts, kEraseTensor}) {
    absl::Status status = statements_[name].BindText(1, mutation.id).Run();
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> SqliteTables::PurgeSome() {
  absl::StatusOr<bool> found = statements_[kFirstErased].Step();
  if (!found.ok() || !*found) return found;
  int64_t study = statements_[kFirstErased].Int(0);
  statements_[kFirstErased].Reset();
  int64_t removed = 0;
  for (Name name : {kPurgeAnswers, kPurgeSteps, kPurgeSnapshot}) {
    absl::Status status = statements_[name].Bind(1, study).Run();
    if (!status.ok()) return status;
    removed += connection_->changes();
  }
  if (removed > 0) return true;
  absl::Status forgotten = statements_[kForgetErased].Bind(1, study).Run();
  if (!forgotten.ok()) return forgotten;
  return true;
}

}  // namespace polystep
