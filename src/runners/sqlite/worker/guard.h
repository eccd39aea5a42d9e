// Guard: what SQL may do in a worker, decided as SQLite compiles it, and what it was seen to do.
//
// Used by Connection, which hands it to SQLite as its authorizer. Deciding here, and not by reading
// the text, is what makes the choice of ground, "deterministic" and "changed" facts: triggers,
// views and nested queries are seen as well.
// Threading: one thread.
#pragma once

#include <string>
#include <string_view>

namespace paddock::runners::sqlite {

/// Where statements run.
enum class Ground {
  kOwn,     // our own statements: everything
  kScript,  // a schema's script: definitions, data, transactions, PRAGMA foreign_keys
  kShared,  // a learner's, in the database that the next run uses too: nothing that lasts
  kCopy,    // a learner's, in a database of its own: definitions and transactions too
};

class Guard {
 public:
  explicit Guard(Ground ground) : ground_(ground) {}

  void SetGround(Ground ground) noexcept { ground_ = ground; }
  [[nodiscard]] Ground ground() const noexcept { return ground_; }
  /// A run begins: what was found before is forgotten.
  void Reset() noexcept {
    needs_copy_ = false;
    deterministic_ = true;
    denied_.clear();
  }
  /// The next statement is about to be compiled.
  void BeginStatement() noexcept { changes_rows_ = false; }
  /// In kShared, changes of data are safe: they are undone by rolling back.
  void AllowSharedChanges(bool allowed) noexcept { shared_changes_ = allowed; }

  /// SQLite's authorizer: SQLITE_OK or SQLITE_DENY.
  [[nodiscard]] int Decide(int action,
                           std::string_view first,
                           std::string_view second,
                           std::string_view database);

  /// In kShared: the statement may leave something behind, and belongs on a copy.
  [[nodiscard]] bool needs_copy() const noexcept { return needs_copy_; }
  /// The statement is an INSERT, UPDATE or DELETE, or has one in it.
  [[nodiscard]] bool changes_rows() const noexcept { return changes_rows_; }
  /// No function was compiled that may answer otherwise the next time.
  [[nodiscard]] bool deterministic() const noexcept { return deterministic_; }
  void MarkNondeterministic() noexcept { deterministic_ = false; }
  /// What was refused last: "ATTACH", "the function load_extension"; empty when nothing was.
  [[nodiscard]] const std::string& denied() const noexcept { return denied_; }

 private:
  int Deny(std::string_view what);
  int DecideFunction(std::string_view name);
  int DecidePragma(std::string_view name, bool has_argument);
  int DecideChange(std::string_view table, std::string_view database);
  int DecideLasting();

  Ground ground_;
  bool shared_changes_ = true;
  bool changes_rows_ = false;
  bool needs_copy_ = false;
  bool deterministic_ = true;
  std::string denied_;
};

}  // namespace paddock::runners::sqlite
