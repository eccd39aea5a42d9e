// SeedCursor: goes through the statements of one seed file, token by token. Private to this folder.
//
// Used by seed_rows.h. Every way on ends at the end of the statement. Threading: one thread.
// Ownership: the file outlives it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "questions/sources.h"
#include "questions/sql_tokens.h"

namespace paddock::questions {

class SeedCursor {
 public:
  /// A literal; without a text it is NULL, or a default.
  struct Value {
    std::optional<std::string> text;
    bool is_literal = true;
  };

  explicit SeedCursor(const SourceFile& file)
      : file_(file), tokens_(Tokenize(file.text, sql::Dialect::kPostgres)) {}

  /// Goes to the next statement, which may be empty. False: there is none.
  [[nodiscard]] bool NextStatement();
  [[nodiscard]] bool at_end() const noexcept { return at_ >= end_; }

  [[nodiscard]] bool Sees(std::string_view word) const;
  [[nodiscard]] bool TakesWord(std::string_view word);
  [[nodiscard]] bool TakesSymbol(char symbol);
  void Skip() { ++at_; }

  /// The name at hand in capitals; "": there is none.
  [[nodiscard]] std::string TakeName();
  /// The last part of a name such as public.t.
  [[nodiscard]] std::string TakeLastName();
  /// After an opening bracket, with the closing one.
  [[nodiscard]] std::vector<std::string> TakeNames();
  /// Up to the comma, the bracket or the word that ends it, with its casts.
  [[nodiscard]] Value TakeValue();
  /// Names and words of the whole statement, in capitals.
  [[nodiscard]] std::vector<std::string> NamesOfStatement() const;

  [[nodiscard]] std::size_t at() const noexcept { return at_; }
  /// "seed.sql:12" of a token.
  [[nodiscard]] std::string PlaceOf(std::size_t token) const;
  /// kInvalid, with the place of a token, or of the statement.
  [[nodiscard]] std::unexpected<Error> RefuseAt(std::size_t token, std::string_view why) const;
  [[nodiscard]] std::unexpected<Error> Refuse(std::string_view why) const {
    return RefuseAt(statement_, why);
  }

 private:
  [[nodiscard]] bool EndsValue(int depth) const;
  [[nodiscard]] bool SkipCasts();

  const SourceFile& file_;
  std::vector<Token> tokens_;
  std::size_t statement_ = 0;  // where it begins
  std::size_t at_ = 0;
  std::size_t end_ = 0;  // its semicolon
  bool begun_ = false;
  // Lines are counted as far as somebody asked.
  mutable std::size_t counted_ = 0;
  mutable std::size_t line_ = 1;
};

}  // namespace paddock::questions
