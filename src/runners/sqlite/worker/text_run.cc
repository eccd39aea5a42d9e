#include "runners/sqlite/worker/text_run.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "sql/sqlite/status_name.h"
#include "sql/sqlite/value_text.h"

namespace paddock::runners::sqlite {
namespace {

using challenges::LimitHit;

constexpr std::size_t kMessageBytesMax = 4'096;
constexpr std::size_t kIntegerBytesMax = 24;
constexpr int kPrimaryMask = 0xFF;
constexpr std::string_view kWordEnds = " \t\r\n(),;+-*/%<>=|&~!.";
constexpr int kExplainsOperations = 1;  // EXPLAIN without QUERY PLAN: it shows addresses

std::string_view ViewOf(const char* text) { return text == nullptr ? std::string_view() : text; }

// The learner's own mistakes: they leave the connection as it was.
bool IsOrdinary(int status) {
  const int primary = status & kPrimaryMask;
  return primary == SQLITE_ERROR || primary == SQLITE_CONSTRAINT || primary == SQLITE_MISMATCH ||
         primary == SQLITE_AUTH || primary == SQLITE_TOOBIG;
}

char Lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool EndsWithWord(std::string_view text, std::string_view word) {
  if (text.size() < word.size() ||
      !std::ranges::equal(text.substr(text.size() - word.size()), word, {}, Lower)) {
    return false;
  }
  const auto before = text.substr(0, text.size() - word.size());
  return before.empty() || kWordEnds.contains(before.back());
}

/// Whether the bracket at `position` is where a function would be that some grammars lack.
bool CallsLeftOrRight(std::string_view text, std::size_t position) {
  if (position >= text.size() || text[position] != '(') {
    return false;
  }
  auto before = text.substr(0, position);
  before.remove_suffix(before.size() - (before.find_last_not_of(" \t\r\n") + 1));
  return EndsWithWord(before, "left") || EndsWithWord(before, "right");
}

}  // namespace

TextEnd TextRun::Run(std::string_view text, std::size_t results_max) {
  connection_.guard().SetGround(ground_);
  const char* const begin = text.data();
  const auto zero = text.find('\0');
  std::string_view rest = text.substr(0, zero);  // SQLite reads no further
  while (!rest.empty() && end_.is_whole() && end_.result_count < results_max) {
    connection_.guard().BeginStatement();
    sqlite3_stmt* prepared = nullptr;
    const char* tail = nullptr;
    const int status = sqlite3_prepare_v3(connection_.handle(), rest.data(),
                                          static_cast<int>(rest.size()), 0, &prepared, &tail);
    const Statement statement(prepared);
    const auto offset = static_cast<std::size_t>(rest.data() - begin);
    if (status != SQLITE_OK) {
      FailWithStatus(status, offset);
      HintAtMissingFunctions(text);
      break;
    }
    rest.remove_prefix(static_cast<std::size_t>(tail - rest.data()));
    if (statement != nullptr) {  // else it was only space and comments
      RunStatement(statement.get(), offset);
    }
  }
  if (zero != std::string_view::npos && end_.is_whole()) {
    end_.error = sql::StatementError{
        .code = "SQLITE_ERROR", .message = "unrecognized token: a zero byte", .position = zero};
  }
  connection_.guard().SetGround(Ground::kOwn);
  return std::exchange(end_, {});
}

void TextRun::RunStatement(sqlite3_stmt* statement, std::size_t offset) {
  if (RefuseParameters(statement) || !PrepareGround(statement)) {
    return;
  }
  const bool has_columns = sqlite3_column_count(statement) > 0;
  if (has_columns && writer_ != nullptr) {
    Limit(BeginResult(statement));
    if (end_.limit != LimitHit::kNone) {
      return;
    }
    ++end_.result_count;
  }
  int status = sqlite3_step(statement);
  for (; status == SQLITE_ROW && end_.limit == LimitHit::kNone; status = sqlite3_step(statement)) {
    if (writer_ != nullptr) {
      Limit(WriteRow(statement));
      if (end_.limit != LimitHit::kNone) {
        return;
      }
    }
  }
  end_.copy_wanted = ground_ == Ground::kShared && connection_.guard().needs_copy();
  if (status != SQLITE_DONE) {
    FailWithStatus(status, offset);
  }
}

void TextRun::FailWithStatus(int status, std::size_t offset) {
  sqlite3* const handle = connection_.handle();
  end_.is_tainted = end_.is_tainted || !IsOrdinary(status);
  switch (status & kPrimaryMask) {
    case SQLITE_INTERRUPT: Limit(LimitHit::kTime); return;
    case SQLITE_NOMEM: Limit(LimitHit::kMemory); return;
    case SQLITE_TOOBIG: Limit(LimitHit::kCell); return;
    default: break;
  }
  sql::StatementError error{
      .code = std::string(sql::StatusName(sqlite3_extended_errcode(handle))),
      .message = std::string(ViewOf(sqlite3_errmsg(handle)).substr(0, kMessageBytesMax))};
  const int position = sqlite3_error_offset(handle);
  if (position >= 0) {
    error.position = offset + static_cast<std::size_t>(position);
  }
  const std::string& denied = connection_.guard().denied();
  if ((status & kPrimaryMask) == SQLITE_AUTH || !denied.empty()) {
    error.hint = fmt::format("Exercises run without {}.", denied.empty() ? "this" : denied);
  }
  end_.error = std::move(error);
}

void TextRun::HintAtMissingFunctions(std::string_view text) {
  const bool is_syntax = end_.error && end_.error->hint.empty() && end_.error->position &&
                         end_.error->message.ends_with("syntax error");
  if (is_syntax && CallsLeftOrRight(text, *end_.error->position)) {
    end_.error->hint = fmt::format(
        "SQLite {} has no LEFT( and RIGHT( in its grammar: run this question on MariaDB, or use "
        "substr",
        sqlite3_libversion());
  }
}

bool TextRun::RefuseParameters(sqlite3_stmt* statement) {
  if (sqlite3_bind_parameter_count(statement) == 0) {
    return false;
  }
  const auto name = ViewOf(sqlite3_bind_parameter_name(statement, 1));
  end_.error = sql::StatementError{
      .code = "SQLITE_ERROR",
      .message = fmt::format("the parameter {} has no value", name.empty() ? "?" : name),
      .hint = "Write the value itself."};
  return true;
}

// False when the statement belongs on a copy, or cannot run.
bool TextRun::PrepareGround(sqlite3_stmt* statement) {
  Guard& guard = connection_.guard();
  if (sqlite3_stmt_isexplain(statement) == kExplainsOperations) {
    guard.MarkNondeterministic();
  }
  const bool writes = sqlite3_stmt_readonly(statement) == 0;
  if (ground_ == Ground::kShared) {
    // What writes, and not to rows, is VACUUM or something that we have never heard of.
    end_.copy_wanted = guard.needs_copy() || (writes && !guard.changes_rows());
    if (!end_.copy_wanted && writes && !connection_.in_transaction()) {
      end_.copy_wanted = !connection_.Begin();
    }
  }
  end_.changed_data = end_.changed_data || (writes && !end_.copy_wanted);
  return !end_.copy_wanted;
}

LimitHit TextRun::BeginResult(sqlite3_stmt* statement) {
  std::vector<sql::Column> columns(static_cast<std::size_t>(sqlite3_column_count(statement)));
  int at = 0;
  for (sql::Column& column : columns) {
    column.name = ViewOf(sqlite3_column_name(statement, at));
    column.type = ViewOf(sqlite3_column_decltype(statement, at));
    ++at;
  }
  return writer_->BeginResult(columns);
}

LimitHit TextRun::WriteRow(sqlite3_stmt* statement) {
  auto limit = writer_->BeginRow();
  const int count = sqlite3_column_count(statement);
  for (int column = 0; column < count && limit == LimitHit::kNone; ++column) {
    limit = WriteCell(statement, column);
  }
  return limit;
}

LimitHit TextRun::WriteCell(sqlite3_stmt* statement, int column) {
  const auto bytes = [&] {
    return std::string_view(static_cast<const char*>(sqlite3_column_blob(statement, column)),
                            static_cast<std::size_t>(sqlite3_column_bytes(statement, column)));
  };
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER: {
      std::array<char, kIntegerBytesMax> space{};
      const std::int64_t number = sqlite3_column_int64(statement, column);
      const auto end = std::to_chars(space.data(), space.data() + space.size(), number).ptr;
      return writer_->AddCell(sql::CellType::kInteger, {space.data(), end});
    }
    case SQLITE_FLOAT:
      return writer_->AddCell(sql::CellType::kReal,
                              sql::RealText(sqlite3_column_double(statement, column)));
    case SQLITE_TEXT: return writer_->AddCell(sql::CellType::kText, bytes());
    case SQLITE_BLOB: return writer_->AddCell(sql::CellType::kBytes, sql::HexText(bytes()));
    default: return writer_->AddCell(sql::CellType::kNull, {});
  }
}

}  // namespace paddock::runners::sqlite
