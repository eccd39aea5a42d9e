#include "stores/sqlite/writer.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace paddock::stores::sqlite {
namespace {

constexpr std::size_t kGroupMax = 64;  // transactions at one sync: bounds how long the first waits

}  // namespace

void Writer::Serve() {
  for (;;) {
    const auto calls = queue_.Pop(kGroupMax);
    if (calls.empty()) {
      return;
    }
    const std::span<const CallPtr> all(calls);
    std::size_t begin = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (all[i]->alone) {
        RunAll(all.subspan(begin, i - begin));
        RunAlone(all[i]);
        begin = i + 1;
      }
    }
    RunAll(all.subspan(begin));
  }
}

void Writer::RunAlone(const CallPtr& call) {
  connection_.SetWatch(&call->watch);
  auto done = call->alone(connection_);
  connection_.SetWatch(nullptr);
  Outcome outcome =
      done ? Outcome(std::vector<store::Rows>()) : Outcome(Fail(std::move(done).error()));
  std::vector<Finished> finished;
  finished.push_back({.call = call, .outcome = std::move(outcome)});
  Deliver(executor_, std::move(finished));
}

// A group may fail for one of its members: a disk too full for a large one, or a reference that is
// only checked at the commit. Nothing of it has happened then, so each gets a chance of its own. A
// failing disk is another matter, for there it is not known what has happened.
void Writer::RunAll(std::span<const CallPtr> calls) {
  if (calls.empty()) {
    return;
  }
  auto done = RunTogether(calls);
  if (done) {
    return;
  }
  const bool each_alone = calls.size() > 1 && done.error().code != Code::kUnavailable;
  for (const CallPtr& call : calls) {
    auto alone = each_alone ? RunTogether({&call, 1}) : done;
    if (!alone) {
      std::vector<Finished> finished;
      finished.push_back({.call = call, .outcome = Fail(std::move(alone).error())});
      Deliver(executor_, std::move(finished));
    }
  }
}

Result<void> Writer::RunTogether(std::span<const CallPtr> calls) {
  if (auto begun = connection_.Execute("BEGIN IMMEDIATE"); !begun) {
    return begun;
  }
  auto finished = RunInside(calls);
  if (!finished) {
    RollBack();
    return Fail(std::move(finished).error());
  }
  // Nothing has changed when every member failed, but to commit nothing costs no sync.
  if (auto committed = connection_.Execute("COMMIT"); !committed) {
    RollBack();
    return committed;
  }
  Deliver(executor_, *std::move(finished));
  return {};
}

Result<std::vector<Finished>> Writer::RunInside(std::span<const CallPtr> calls) {
  std::vector<Finished> finished;
  finished.reserve(calls.size());
  for (const CallPtr& call : calls) {
    auto outcome = RunSavepoint(*call);
    if (!connection_.InTransaction()) {
      // SQLite has rolled back everything, as it does on a full disk.
      return Fail(outcome ? Error{.code = Code::kInternal, .message = "the transaction has ended"}
                          : std::move(outcome).error());
    }
    finished.push_back({.call = call, .outcome = std::move(outcome)});
  }
  return finished;
}

Outcome Writer::RunSavepoint(const Call& call) {
  if (auto reason = WhyNot(call)) {
    return Fail(*std::move(reason));
  }
  if (auto begun = connection_.Execute("SAVEPOINT member"); !begun) {
    RollBack();
    return Fail(std::move(begun).error());
  }
  std::vector<store::Rows> results;
  results.reserve(call.statements.size());
  connection_.SetWatch(&call.watch);
  for (const store::Statement& statement : call.statements) {
    auto rows = connection_.Run(statement);
    if (!rows) {
      connection_.SetWatch(nullptr);
      if (connection_.InTransaction() &&
          !connection_.Execute("ROLLBACK TO member; RELEASE member")) {
        RollBack();
      }
      return Fail(std::move(rows).error());
    }
    results.push_back(*std::move(rows));
  }
  connection_.SetWatch(nullptr);
  if (auto released = connection_.Execute("RELEASE member"); !released) {
    RollBack();
    return Fail(std::move(released).error());
  }
  return results;
}

void Writer::RollBack() {
  if (connection_.InTransaction()) {
    // It fails only when SQLite has rolled back already.
    [[maybe_unused]] const auto rolled_back = connection_.Execute("ROLLBACK");
  }
}

}  // namespace paddock::stores::sqlite
