#include "server/storage/sqlite_writer.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"

namespace polystep {
namespace {

// A log that readers kept from starting over has grown to this many times its checkpoint size:
// the writer then waits for them, a few seconds at most.
constexpr int kRestartFactor = 8;

// A caller writes no more than this for others.
constexpr size_t kMostFlushedBytes = 1 << 20;

size_t SizeOf(const StudyRecord& study) {
  return study.uid.size() + study.id.size() + study.bytes.size();
}
size_t SizeOf(const PutStudy& mutation) { return SizeOf(mutation.study); }
size_t SizeOf(const EraseStudy& mutation) { return mutation.uid.size(); }
size_t SizeOf(const AppendAnswers& mutation) {
  return mutation.uid.size() + mutation.answers.bytes.size();
}
size_t SizeOf(const PutStep& mutation) { return mutation.uid.size() + mutation.step.bytes.size(); }
size_t SizeOf(const PutSnapshot& mutation) {
  return mutation.uid.size() + mutation.snapshot.bytes.size();
}
size_t SizeOf(const PutTensor& mutation) {
  size_t bytes = mutation.tensor.id.size() + mutation.tensor.bytes.size();
  for (const std::string& part : mutation.parts) bytes += part.size();
  return bytes;
}
size_t SizeOf(const EraseTensor& mutation) { return mutation.id.size(); }

size_t SizeOf(const std::vector<Mutation>& unit) {
  size_t bytes = sizeof(Storage::Done) + unit.size() * sizeof(Mutation);
  for (const Mutation& mutation : unit) {
    bytes += std::visit([](const auto& one) { return SizeOf(one); }, mutation);
  }
  return bytes;
}

int RememberWalPages(void* pages, sqlite3*, const char*, int count) {
  *static_cast<int*>(pages) = count;
  return SQLITE_OK;
}

}  // namespace

absl::StatusOr<std::unique_ptr<SqliteWriter>> SqliteWriter::Start(SqliteConnection connection,
                                                                  Options options) {
  auto writer =
      std::unique_ptr<SqliteWriter>(new SqliteWriter(std::move(connection), std::move(options)));
  absl::StatusOr<SqliteTables> tables = SqliteTables::Prepare(&writer->connection_);
  if (!tables.ok()) return tables.status();
  writer->tables_.emplace(*std::move(tables));
  // Replaces SQLite's own checkpoint inside COMMIT, which would delay the acknowledgements.
  sqlite3_wal_hook(writer->connection_.get(), RememberWalPages, &writer->wal_pages_);
  writer->thread_ = std::thread([raw = writer.get()] { raw->Run(); });
  return writer;
}

SqliteWriter::SqliteWriter(SqliteConnection connection, Options options)
    : options_(std::move(options)), connection_(std::move(connection)) {}

SqliteWriter::~SqliteWriter() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

void SqliteWriter::Add(std::vector<Mutation> mutations, Storage::Done done, Wake wake) {
  size_t bytes = SizeOf(mutations);
  absl::Status full;
  {
    MutexLock lock(mutex_);
    if (queue_.size() >= options_.max_queued_units) {
      full = absl::ResourceExhaustedError(
          absl::StrCat("the store's queue is full: at most ", options_.max_queued_units, " units"));
    } else if (queued_bytes_ + bytes > options_.max_queued_bytes) {
      full = absl::ResourceExhaustedError(absl::StrCat("the store's queue is full: ", queued_bytes_,
                                                       " + ", bytes, " bytes, at most ",
                                                       options_.max_queued_bytes));
    } else {
      queue_.push_back({std::move(mutations), std::move(done), bytes, absl::OkStatus()});
      queued_bytes_ += bytes;
      if (wake == Wake::kYes) changed_.NotifyOne();
      return;
    }
  }
  done(std::move(full));
}

void SqliteWriter::Commit(std::vector<Mutation> mutations, Storage::Done done) {
  Add(std::move(mutations), std::move(done), Wake::kYes);
}

void SqliteWriter::Enqueue(std::vector<Mutation> mutations, Storage::Done done) {
  Add(std::move(mutations), std::move(done), Wake::kNo);
}

// Callbacks run before the pen is given back: those of later units come later.
void SqliteWriter::Flush() {
  std::vector<Unit> group;
  if (!TakePen(group)) return;
  WriteOrFail(group);
  Acknowledge(group);
  GivePen(failure_.ok() && (purging_ || wal_pages_ >= options_.checkpoint_pages));
}

// Takes the pen and what is queued if nobody else writes; else whoever does goes on with the queue.
bool SqliteWriter::TakePen(std::vector<Unit>& group) {
  MutexLock lock(mutex_);
  if (queue_.empty() || pen_taken_) return false;
  if (upkeep_ || stopping_ || queued_bytes_ > kMostFlushedBytes) {
    changed_.NotifyOne();
    return false;
  }
  pen_taken_ = true;
  TakeQueued(group);
  return true;
}

void SqliteWriter::TakeQueued(std::vector<Unit>& group) {
  size_t bytes = 0;
  while (!queue_.empty() &&
         (group.empty() || bytes + queue_.front().bytes <= options_.max_group_bytes)) {
    bytes += queue_.front().bytes;
    queued_bytes_ -= queue_.front().bytes;
    group.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
}

void SqliteWriter::GivePen(bool upkeep) {
  MutexLock lock(mutex_);
  pen_taken_ = false;
  upkeep_ = upkeep;
  if (upkeep_ || stopping_ || !queue_.empty()) changed_.NotifyOne();
}

void SqliteWriter::Run() {
  std::vector<Unit> group;
  while (TakeGroup(group)) {
    WriteOrFail(group);
    Acknowledge(group);
    group.clear();
    if (failure_.ok() && purging_) {
      absl::Status purged = Purge();
      if (!purged.ok()) Fail(purged);
    }
    if (failure_.ok() && wal_pages_ >= options_.checkpoint_pages) {
      absl::Status checkpointed = Checkpoint();
      if (!checkpointed.ok()) Fail(checkpointed);
    }
    GivePen(failure_.ok() && purging_);  // a checkpoint that readers hold up waits for a commit
  }
}

// Waits for the pen and for something to do with it; false when there is nothing and no more comes.
bool SqliteWriter::TakeGroup(std::vector<Unit>& group) {
  MutexLock lock(mutex_);
  while (pen_taken_ || queue_.empty()) {
    if (!pen_taken_ && stopping_) return false;
    if (!pen_taken_ && upkeep_) break;
    changed_.Wait(mutex_);
  }
  pen_taken_ = true;
  TakeQueued(group);
  return true;
}

// Leaves every unit with its result.
void SqliteWriter::WriteOrFail(std::vector<Unit>& group) {
  if (failure_.ok()) {
    absl::Status written = WriteGroup(group);
    if (!written.ok()) Fail(written);
  }
  if (failure_.ok()) return;
  for (Unit& unit : group) unit.result = failure_;
}

void SqliteWriter::Acknowledge(std::vector<Unit>& group) {
  for (Unit& unit : group) unit.done(std::move(unit.result));
}

absl::Status SqliteWriter::WriteGroup(std::vector<Unit>& group) {
  bool only_barriers = std::all_of(group.begin(), group.end(),
                                   [](const Unit& unit) { return unit.mutations.empty(); });
  if (only_barriers) return absl::OkStatus();
  // A tell alone is one statement, which is a transaction by itself.
  if (group.size() == 1 && SqliteTables::IsOneStatement(group[0].mutations)) {
    group[0].result = tables_->Apply(group[0].mutations);
    return SqliteTables::IsUnitError(group[0].result) ? absl::OkStatus() : group[0].result;
  }
  absl::Status status = connection_.Execute("BEGIN IMMEDIATE");
  if (!status.ok()) return status;
  for (Unit& unit : group) {
    unit.result = tables_->Apply(unit.mutations);
    if (!unit.result.ok() && !SqliteTables::IsUnitError(unit.result)) return unit.result;
    for (const Mutation& mutation : unit.mutations) {
      purging_ |= std::holds_alternative<EraseStudy>(mutation);
    }
  }
  return connection_.Execute("COMMIT");
}

absl::Status SqliteWriter::Purge() {
  absl::Status status = connection_.Execute("BEGIN IMMEDIATE");
  if (!status.ok()) return status;
  absl::StatusOr<bool> purged = tables_->PurgeSome();
  if (!purged.ok()) return purged.status();
  purging_ = *purged;
  return connection_.Execute("COMMIT");
}

absl::Status SqliteWriter::Checkpoint() {
  int mode = wal_pages_ < kRestartFactor * options_.checkpoint_pages ? SQLITE_CHECKPOINT_PASSIVE
                                                                     : SQLITE_CHECKPOINT_RESTART;
  int code = sqlite3_wal_checkpoint_v2(connection_.get(), nullptr, mode, nullptr, nullptr);
  // Busy: a reader still needs a part of the log; the next group tries again.
  if (code == SQLITE_BUSY) return absl::OkStatus();
  if (code != SQLITE_OK) return SqliteError(connection_.get(), code);
  wal_pages_ = 0;
  return absl::OkStatus();
}

void SqliteWriter::Fail(const absl::Status& status) {
  // What is corrupt stays DATA_LOSS; the rest is UNAVAILABLE (sqlite_connection.h).
  failure_ = absl::Status(status.code(), absl::StrCat("the store has stopped: ", status.message()));
  if (connection_.in_transaction()) connection_.Execute("ROLLBACK").IgnoreError();
  sqlite3_db_config(connection_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  if (options_.on_failure) options_.on_failure(failure_);
}

}  // namespace polystep
