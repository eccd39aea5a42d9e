#include "questions/seed_rows.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <set>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "questions/seed.h"
#include "questions/seed_cursor.h"

namespace paddock::questions {
namespace {

using Names = std::vector<std::string>;

/// One of the two tables that matter.
struct Table {
  std::string_view name;
  std::string_view key;
  std::span<const std::string_view> columns;  // in the order of the model's definition
  std::vector<SeedRow> SeedRows::* rows;
};

constexpr std::array<std::string_view, 7> kSchemaColumns{
    "SCHEMA_ID", "PICTURE", "DESCRIPTION", "INITIAL_SQL", "CREATED_AT", "UPDATED_AT", "DELETED_AT"};
constexpr std::array<std::string_view, 11> kQuestionColumns{
    "QUESTION_ID", "SCHEMA_ID",      "TYPE",       "DIFFICULTY", "TITLE",     "DESCRIPTION",
    "ANSWER",      "SOLUTION_VIDEO", "CREATED_AT", "UPDATED_AT", "DELETED_AT"};
constexpr std::array kTables{Table{.name = "DP_SCHEMAS",
                                   .key = "SCHEMA_ID",
                                   .columns = kSchemaColumns,
                                   .rows = &SeedRows::schemas},
                             Table{.name = "DP_QUESTIONS",
                                   .key = "QUESTION_ID",
                                   .columns = kQuestionColumns,
                                   .rows = &SeedRows::questions}};
// When something was made says nothing here; it may be computed.
constexpr std::array<std::string_view, 3> kTimes{"CREATED_AT", "UPDATED_AT", "DELETED_AT"};
constexpr std::array<std::string_view, 3> kRemovals{"DELETE", "TRUNCATE", "DROP"};
constexpr std::array<std::string_view, 3> kOtherChanges{"COPY", "MERGE", "WITH"};
constexpr std::size_t kUpdatesMax = 10'000;  // each looks at every row

bool Contains(std::span<const std::string_view> list, std::string_view word) {
  return std::ranges::find(list, word) != list.end();
}

const Table* FindTable(std::string_view name) {
  const auto* const found = std::ranges::find(kTables, name, &Table::name);
  return found == kTables.end() ? nullptr : found;
}

/// What SET or WHERE says: values by column, and columns that are NULL.
struct Equals {
  SeedRow row;
  std::set<std::string, std::less<>> nulls;

  [[nodiscard]] bool Has(std::string_view column) const {
    return row.values.contains(column) || nulls.contains(column);
  }
};

class Reader {
 public:
  Result<void> Read(const SourceFile& file) {
    SeedCursor cursor(file);
    while (cursor.NextStatement()) {
      if (auto read = ReadStatement(cursor); !read) {
        return read;
      }
    }
    return {};
  }

  SeedRows rows;

 private:
  Result<void> ReadStatement(SeedCursor& cursor) {
    if (cursor.TakesWord("INSERT")) {
      return cursor.TakesWord("INTO") ? Insert(cursor) : Result<void>();
    }
    if (cursor.TakesWord("UPDATE")) {
      static_cast<void>(cursor.TakesWord("ONLY"));
      return Update(cursor);
    }
    const Names names = cursor.NamesOfStatement();
    const auto named = std::ranges::find_if(
        names, [](const std::string& name) { return FindTable(name) != nullptr; });
    if (named == names.end()) {
      return {};
    }
    const bool removes =
        Contains(kRemovals, names.front()) && !(rows.*(FindTable(*named)->rows)).empty();
    if (removes || Contains(kOtherChanges, names.front())) {
      return cursor.Refuse(
          fmt::format("{} of {} is not understood: only INSERT … VALUES and "
                      "UPDATE … WHERE column = value are",
                      names.front(), *named));
    }
    return {};
  }

  // INSERT INTO table [(columns)] [OVERRIDING …] VALUES (…), (…) [ON CONFLICT … DO NOTHING]
  Result<void> Insert(SeedCursor& cursor) {
    const Table* const table = FindTable(cursor.TakeLastName());
    if (table == nullptr) {
      return {};
    }
    Names columns(table->columns.begin(), table->columns.end());
    const bool names_columns = cursor.TakesSymbol('(');
    if (names_columns) {
      columns = cursor.TakeNames();
    }
    while (!cursor.at_end() && !cursor.Sees("VALUES") && !cursor.Sees("SELECT")) {
      cursor.Skip();
    }
    if (!cursor.TakesWord("VALUES")) {
      return cursor.Refuse(
          fmt::format("INSERT into {} is only understood with VALUES", table->name));
    }
    do {
      if (auto row = InsertRow(cursor, *table, columns, names_columns); !row) {
        return row;
      }
    } while (cursor.TakesSymbol(','));
    return CheckInsertEnd(cursor, *table);
  }

  static Result<void> CheckInsertEnd(SeedCursor& cursor, const Table& table) {
    if (!cursor.at_end() && !cursor.Sees("ON") && !cursor.Sees("RETURNING")) {
      return cursor.Refuse(fmt::format(
          "INSERT into {} is not understood: a comma or a bracket is missing", table.name));
    }
    for (; !cursor.at_end(); cursor.Skip()) {
      if (cursor.TakesWord("DO") && cursor.Sees("UPDATE")) {
        return cursor.Refuse(
            fmt::format("INSERT into {} with DO UPDATE is not understood", table.name));
      }
    }
    return {};
  }

  Result<void> InsertRow(SeedCursor& cursor,
                         const Table& table,
                         const Names& columns,
                         bool names_columns) {
    const std::size_t begin = cursor.at();
    if (!cursor.TakesSymbol('(')) {
      return cursor.Refuse(fmt::format("INSERT into {}: a row is missing", table.name));
    }
    if (rows.schemas.size() + rows.questions.size() == kSeedRowsMax) {
      return cursor.RefuseAt(begin, fmt::format("the seed has more than {} rows", kSeedRowsMax));
    }
    SeedRow row{.values = {}, .place = cursor.PlaceOf(begin)};
    std::size_t count = 0;
    do {
      const std::size_t at = cursor.at();
      const SeedCursor::Value value = cursor.TakeValue();
      if (count == columns.size()) {
        return cursor.RefuseAt(at, fmt::format("{} has fewer columns than this", table.name));
      }
      const std::string& column = columns[count++];
      if (!CheckLiteral(value, column)) {
        return RefuseComputed(cursor, at, column);
      }
      if (value.text) {
        row.values.insert_or_assign(column, *value.text);
      }
    } while (cursor.TakesSymbol(','));
    if (!cursor.TakesSymbol(')')) {
      return cursor.RefuseAt(begin, "the row is not closed");
    }
    if (names_columns && count != columns.size()) {
      return cursor.RefuseAt(
          begin, fmt::format("there are {} values for {} columns", count, columns.size()));
    }
    return Add(table, std::move(row));
  }

  static bool CheckLiteral(const SeedCursor::Value& value, std::string_view column) {
    return value.is_literal || Contains(kTimes, column);
  }
  static std::unexpected<Error> RefuseComputed(const SeedCursor& cursor,
                                               std::size_t at,
                                               std::string_view column) {
    return cursor.RefuseAt(
        at, fmt::format("the value of {} is no literal: nothing is computed here", column));
  }

  Result<void> Add(const Table& table, SeedRow row) {
    const std::string key = row.At(table.key);
    if (!key.empty()) {
      const auto [place, is_new] = places_.emplace(fmt::format("{} {}", table.key, key), row.place);
      if (!is_new) {
        return Fail(Code::kInvalid, fmt::format("{}: {} is inserted twice: first at {}", row.place,
                                                place->first, place->second));
      }
    }
    (rows.*(table.rows)).push_back(std::move(row));
    return {};
  }

  // UPDATE table SET column = value, … [WHERE column = value AND …]
  Result<void> Update(SeedCursor& cursor) {
    const Table* const table = FindTable(cursor.TakeLastName());
    if (table == nullptr) {
      return {};
    }
    if (++updates_ > kUpdatesMax) {
      return cursor.Refuse(fmt::format("the seed has more than {} UPDATEs", kUpdatesMax));
    }
    if (!cursor.TakesWord("SET")) {
      return RefuseUpdate(cursor, *table);
    }
    auto changes = TakeEquals(cursor, *table, [&cursor] { return cursor.TakesSymbol(','); });
    if (!changes) {
      return Fail(std::move(changes).error());
    }
    if (changes->Has(table->key)) {
      return cursor.Refuse(fmt::format("UPDATE of {} changes its key {}", table->name, table->key));
    }
    Equals wanted;
    if (cursor.TakesWord("WHERE")) {
      auto conditions = TakeEquals(cursor, *table, [&cursor] { return cursor.TakesWord("AND"); });
      if (!conditions) {
        return Fail(std::move(conditions).error());
      }
      wanted = *std::move(conditions);
    }
    if (!wanted.nulls.empty() || (!cursor.at_end() && !cursor.Sees("RETURNING"))) {
      return RefuseUpdate(cursor, *table);
    }
    if (Apply(*table, *changes, wanted.row) == 0) {
      return cursor.Refuse(
          fmt::format("UPDATE of {} meets no row that was inserted before", table->name));
    }
    return {};
  }

  static std::unexpected<Error> RefuseUpdate(const SeedCursor& cursor, const Table& table) {
    return cursor.Refuse(
        fmt::format("UPDATE of {} is only understood as SET column = value, … "
                    "WHERE column = value AND …",
                    table.name));
  }

  /// column = value, as long as `goes_on` takes what stands between.
  static Result<Equals> TakeEquals(SeedCursor& cursor, const Table& table, const auto& goes_on) {
    Equals equals;
    do {
      const std::size_t at = cursor.at();
      const std::string column = cursor.TakeName();
      if (column.empty() || !cursor.TakesSymbol('=')) {
        return RefuseUpdate(cursor, table);
      }
      if (!Contains(table.columns, column)) {
        return cursor.RefuseAt(at, fmt::format("{} has no column {}", table.name, column));
      }
      const SeedCursor::Value value = cursor.TakeValue();
      if (!CheckLiteral(value, column)) {
        return RefuseComputed(cursor, at, column);
      }
      if (equals.Has(column)) {
        return cursor.RefuseAt(at, fmt::format("{} is there twice", column));
      }
      if (value.text) {
        equals.row.values.emplace(column, *value.text);
      } else {
        equals.nulls.insert(column);
      }
    } while (goes_on());
    return equals;
  }

  /// How many rows it met.
  std::size_t Apply(const Table& table, const Equals& changes, const SeedRow& wanted) {
    auto& all = rows.*(table.rows);
    // Where no question says its number, the database counts them from 1 on.
    const bool counts =
        table.rows == &SeedRows::questions && std::ranges::none_of(all, [&](const SeedRow& row) {
          return row.values.contains(table.key);
        });
    std::size_t met = 0;
    std::size_t number = 0;
    for (SeedRow& row : all) {
      ++number;
      const bool matches = std::ranges::all_of(wanted.values, [&](const auto& condition) {
        const bool is_number = counts && condition.first == table.key;
        return (is_number ? std::to_string(number) : row.At(condition.first)) == condition.second;
      });
      if (!matches) {
        continue;
      }
      ++met;
      for (const auto& [column, value] : changes.row.values) {
        row.values.insert_or_assign(column, value);
      }
      for (const std::string& column : changes.nulls) {
        row.values.erase(column);
      }
    }
    return met;
  }

  std::map<std::string, std::string, std::less<>> places_;  // of keys
  std::size_t updates_ = 0;
};

}  // namespace

std::string SeedRow::At(std::string_view column) const {
  const auto found = values.find(column);
  return found == values.end() ? std::string() : found->second;
}

Result<SeedRows> ReadSeedRows(const std::vector<SourceFile>& files) {
  Reader reader;
  for (const SourceFile& file : files) {
    if (auto read = reader.Read(file); !read) {
      return Fail(std::move(read).error());
    }
  }
  return std::move(reader.rows);
}

}  // namespace paddock::questions
