// Body: whether a semicolon stands inside the body of a trigger or routine, where it ends no
// statement of the text.
//
// Used by the splitter, which shows it one statement's tokens after the other. It knows as much of
// each dialect's grammar as that takes; a text that breaks the grammar is split somewhere.
// Threading: pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sql/dialect.h"

namespace paddock::sql::internal {

class Body {
 public:
  explicit Body(Dialect dialect) : dialect_(dialect) {}

  /// The next token that is neither space nor comment: a word, or another ("" for quoted ones).
  void OnWord(std::string_view word);
  void OnOther(std::string_view text);

  /// Whether a semicolon here would end the statement.
  [[nodiscard]] bool EndsAtSemicolon();

 private:
  enum class Kind : std::uint8_t {
    kUnknown,  // its first words are not all seen yet
    kPlain,
    kSqliteTrigger,
    kAtomicRoutine,  // PostgreSQL's BEGIN ATOMIC … END
    kRule,           // PostgreSQL's CREATE RULE … DO (…; …)
    kRoutine,        // MariaDB's, and KWDB's
  };
  enum class Before : std::uint8_t { kNothing, kSemicolon, kStatement, kWord, kOperand, kOther };

  void OnFirstWord(std::string_view word);
  void OnHeadingWord(std::string_view word);
  void OnBodyWord(std::string_view word);
  void OnSqliteWord(std::string_view word);
  void OnRoutineWord(std::string_view word);
  void OnAtomicWord(std::string_view word);
  void CloseBlock();
  void ResolveEnd(std::string_view next_word);
  [[nodiscard]] bool IsBlockBegin(std::string_view word) const;

  Dialect dialect_;
  Kind kind_ = Kind::kUnknown;
  std::size_t word_count_ = 0;
  Before before_ = Before::kNothing;
  std::size_t block_depth_ = 0;  // of BEGIN; of parentheses in a rule
  std::size_t case_depth_ = 0;
  bool end_waits_ = false;       // END was seen, and what follows says what it ends
  bool end_ends_block_ = false;  // by what stood before it
  bool was_begin_ = false;       // the word before was BEGIN
  bool has_begun_ = false;       // SQLite: BEGIN was seen
};

}  // namespace paddock::sql::internal
