#include "sql/internal/body.h"

#include <algorithm>
#include <array>
#include <span>

#include "sql/lexer.h"

namespace paddock::sql::internal {
namespace {

// CREATE OR REPLACE DEFINER = name@host AGGREGATE FUNCTION, and some room.
constexpr std::size_t kHeadingWordsMax = 12;

bool IsOneOf(std::string_view word, std::span<const std::string_view> words) {
  return std::ranges::any_of(words, [word](std::string_view each) {
    return IsWord(word, each);  // NOLINT(readability-suspicious-call-argument): text, then word
  });
}

constexpr std::array<std::string_view, 8> kOtherObjects{"TABLE",  "VIEW",     "INDEX",  "USER",
                                                        "SCHEMA", "DATABASE", "UNIQUE", "SEQUENCE"};
constexpr std::array<std::string_view, 5> kRoutines{"TRIGGER", "PROCEDURE", "FUNCTION", "EVENT",
                                                    "PACKAGE"};
// What is closed by END and its own name, and therefore need not be counted.
constexpr std::array<std::string_view, 5> kNamedEnds{"IF", "LOOP", "WHILE", "REPEAT", "FOR"};
// After these a name follows, even if it is BEGIN or END.
constexpr std::array<std::string_view, 9> kBeforeNames{"SELECT", "SET", "BY",  "WHERE", "AND",
                                                       "OR",     "ON",  "NOT", "INTO"};
// After these a statement may begin.
constexpr std::array<std::string_view, 6> kBeforeStatements{"BEGIN", "THEN", "ELSE",
                                                            "DO",    "LOOP", "REPEAT"};

}  // namespace

void Body::OnWord(std::string_view word) {
  if (end_waits_) {
    ResolveEnd(word);
    if (IsWord(word, "CASE") || IsOneOf(word, kNamedEnds)) {
      before_ = Before::kWord;
      return;  // it belongs to END
    }
  }
  ++word_count_;
  if (word_count_ == 1) {
    OnFirstWord(word);
  } else if (kind_ == Kind::kUnknown) {
    OnHeadingWord(word);
  } else {
    OnBodyWord(word);
  }
  was_begin_ = IsWord(word, "BEGIN");
  if (IsOneOf(word, kBeforeStatements)) {
    before_ = Before::kStatement;
  } else {
    before_ = IsOneOf(word, kBeforeNames) ? Before::kOperand : Before::kWord;
  }
}

void Body::OnOther(std::string_view text) {
  if (end_waits_) {
    ResolveEnd({});
  }
  if (kind_ == Kind::kRule && text == "(") {
    ++block_depth_;
  } else if (kind_ == Kind::kRule && text == ")" && block_depth_ > 0) {
    --block_depth_;
  }
  was_begin_ = false;
  if (text == ";" || text == ":") {
    before_ = Before::kSemicolon;
  } else if (text.size() == 1 && std::string_view(",.(=<>+-*/%").contains(text.front())) {
    before_ = Before::kOperand;
  } else {
    before_ = Before::kOther;
  }
}

bool Body::EndsAtSemicolon() {
  if (end_waits_) {
    ResolveEnd({});
  }
  return block_depth_ == 0;
}

void Body::OnFirstWord(std::string_view word) {
  const bool may_be_block = dialect_ == Dialect::kMariadb && IsWord(word, "BEGIN");
  const bool may_explain = dialect_ == Dialect::kSqlite && IsWord(word, "EXPLAIN");
  if (!IsWord(word, "CREATE") && !may_explain && !may_be_block) {
    kind_ = Kind::kPlain;
  }
}

void Body::OnHeadingWord(std::string_view word) {
  const bool is_postgres = dialect_ == Dialect::kPostgres;
  const bool is_block = was_begin_ && IsWord(word, "NOT");  // BEGIN NOT ATOMIC
  if (word_count_ > kHeadingWordsMax || IsOneOf(word, kOtherObjects) || (was_begin_ && !is_block)) {
    kind_ = Kind::kPlain;
  } else if (dialect_ == Dialect::kSqlite) {
    kind_ = IsWord(word, "TRIGGER") ? Kind::kSqliteTrigger : kind_;
  } else if (is_postgres && (IsWord(word, "FUNCTION") || IsWord(word, "PROCEDURE"))) {
    kind_ = Kind::kAtomicRoutine;
  } else if (is_postgres) {
    kind_ = IsWord(word, "RULE") ? Kind::kRule : kind_;
  } else if (IsOneOf(word, kRoutines)) {
    kind_ = Kind::kRoutine;
  } else if (is_block) {
    kind_ = Kind::kRoutine;
    block_depth_ = 1;
  }
}

void Body::OnBodyWord(std::string_view word) {
  switch (kind_) {
    case Kind::kSqliteTrigger: OnSqliteWord(word); break;
    case Kind::kAtomicRoutine: OnAtomicWord(word); break;
    case Kind::kRoutine: OnRoutineWord(word); break;
    case Kind::kUnknown:
    case Kind::kPlain:
    case Kind::kRule: break;
  }
}

// BEGIN and END are names as well, but no statement begins with END but the end of the trigger.
void Body::OnSqliteWord(std::string_view word) {
  if (block_depth_ == 0 && !has_begun_ && IsWord(word, "BEGIN")) {
    has_begun_ = true;
    block_depth_ = 1;
  } else if (IsWord(word, "END") && (before_ == Before::kSemicolon || was_begin_)) {
    block_depth_ = 0;
  }
}

void Body::OnAtomicWord(std::string_view word) {
  if (block_depth_ == 0) {
    block_depth_ = was_begin_ && IsWord(word, "ATOMIC") ? 1 : 0;
  } else if (IsWord(word, "CASE")) {
    ++block_depth_;
  } else if (IsWord(word, "END")) {
    --block_depth_;
  }
}

void Body::OnRoutineWord(std::string_view word) {
  if (IsBlockBegin(word)) {
    ++block_depth_;
  } else if (block_depth_ > 0 && IsWord(word, "CASE")) {
    ++case_depth_;
  } else if (block_depth_ > 0 && IsWord(word, "END") && before_ != Before::kOperand) {
    end_waits_ = true;
    end_ends_block_ = before_ == Before::kSemicolon || before_ == Before::kStatement;
  }
}

bool Body::IsBlockBegin(std::string_view word) const {
  return IsWord(word, "BEGIN") && before_ != Before::kOperand;
}

void Body::ResolveEnd(std::string_view next_word) {
  end_waits_ = false;
  if (IsOneOf(next_word, kNamedEnds)) {
    return;
  }
  if (end_ends_block_ && !IsWord(next_word, "CASE")) {
    CloseBlock();
  } else if (case_depth_ > 0) {
    --case_depth_;
  }
}

void Body::CloseBlock() {
  if (block_depth_ > 0) {
    --block_depth_;
  }
}

}  // namespace paddock::sql::internal
