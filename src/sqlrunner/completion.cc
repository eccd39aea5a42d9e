#include "sqlrunner/completion.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "sql/splitter.h"

namespace paddock::sqlrunner {
namespace {

constexpr auto kKeywords = std::to_array<std::string_view>(
    {"ADD",      "ALL",     "ALTER",      "ANALYZE", "AND",       "AS",         "ASC",
     "BEGIN",    "BETWEEN", "BY",         "CASCADE", "CASE",      "CAST",       "CHECK",
     "COLUMN",   "COMMIT",  "CONSTRAINT", "CREATE",  "CROSS",     "DATABASE",   "DEFAULT",
     "DELETE",   "DESC",    "DISTINCT",   "DROP",    "ELSE",      "END",        "EXCEPT",
     "EXISTS",   "EXPLAIN", "FALSE",      "FOREIGN", "FROM",      "FULL",       "GROUP",
     "HAVING",   "IF",      "IN",         "INDEX",   "INNER",     "INSERT",     "INTERSECT",
     "INTO",     "IS",      "JOIN",       "KEY",     "LEFT",      "LIKE",       "LIMIT",
     "NATURAL",  "NOT",     "NULL",       "OFFSET",  "ON",        "OR",         "ORDER",
     "OUTER",    "OVER",    "PARTITION",  "PRIMARY", "RECURSIVE", "REFERENCES", "RIGHT",
     "ROLLBACK", "SELECT",  "SET",        "TABLE",   "THEN",      "TRIGGER",    "TRUE",
     "UNION",    "UNIQUE",  "UPDATE",     "USING",   "VALUES",    "VIEW",       "WHEN",
     "WHERE",    "WINDOW",  "WITH"});
constexpr auto kPostgresKeywords = std::to_array<std::string_view>(
    {"FETCH", "FILTER", "ILIKE", "LATERAL", "MATERIALIZED", "RETURNING", "SCHEMA", "SERIAL", "SHOW",
     "TABLESAMPLE", "TRUNCATE", "VACUUM"});
constexpr auto kMariadbKeywords = std::to_array<std::string_view>(
    {"AUTO_INCREMENT", "CALL", "DELIMITER", "DESCRIBE", "ENGINE", "PROCEDURE", "REPLACE",
     "RETURNING", "SHOW", "TRUNCATE", "USE"});
constexpr auto kSqliteKeywords =
    std::to_array<std::string_view>({"AUTOINCREMENT", "CONFLICT", "GLOB", "PRAGMA", "REPLACE",
                                     "RETURNING", "ROWID", "STRICT", "VACUUM", "WITHOUT"});
constexpr auto kKwdbKeywords = std::to_array<std::string_view>(
    {"ATTRIBUTES", "RETENTIONS", "RETURNING", "SHOW", "TAGS", "TRUNCATE", "TS", "UPSERT", "USE"});
/// After these stands the name of a table.
constexpr auto kBeforeTables = std::to_array<std::string_view>(
    {"FROM", "JOIN", "INTO", "UPDATE", "TABLE", "REFERENCES", "DESCRIBE", "TRUNCATE"});
/// A word after a table that is no alias of it.
constexpr auto kNoAliases = std::to_array<std::string_view>(
    {"WHERE",  "JOIN",      "INNER", "LEFT",   "RIGHT",  "FULL",      "CROSS",  "NATURAL",
     "ON",     "USING",     "GROUP", "ORDER",  "HAVING", "LIMIT",     "OFFSET", "UNION",
     "EXCEPT", "INTERSECT", "SET",   "VALUES", "SELECT", "RETURNING", "WINDOW", "AS"});

constexpr std::size_t kWordsMax = 20'000;  // of one statement that are looked at

constexpr char Lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
constexpr bool IsWordByte(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '$' || static_cast<unsigned char>(c) >= 0x80U;
}
bool IsSame(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, Lower, Lower);
}
bool IsOneOf(std::string_view word, std::span<const std::string_view> words) {
  return std::ranges::any_of(words, [word](std::string_view one) { return IsSame(word, one); });
}
bool BeginsWith(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && IsSame(text.substr(0, prefix.size()), prefix);
}

std::span<const std::string_view> KeywordsOf(sql::Dialect dialect) {
  switch (dialect) {
    case sql::Dialect::kSqlite: return kSqliteKeywords;
    case sql::Dialect::kPostgres: return kPostgresKeywords;
    case sql::Dialect::kMariadb: return kMariadbKeywords;
    case sql::Dialect::kKwdb: return kKwdbKeywords;
  }
  return {};
}

/// Words, quoted names without their quotes, and single other characters.
struct Word {
  std::string_view text;
  bool is_name = false;
};

Word TakeWord(std::string_view& text) {
  const char first = text.front();
  std::size_t size = 1;
  if (IsWordByte(first)) {
    const auto end = std::ranges::find_if_not(text, IsWordByte);
    size = static_cast<std::size_t>(end - text.begin());
    const Word word{.text = text.substr(0, size), .is_name = true};
    text.remove_prefix(size);
    return word;
  }
  if (first == '"' || first == '`' || first == '\'') {
    const auto end = std::min(text.find(first, 1), text.size());
    const Word word{.text = text.substr(1, end - 1), .is_name = first != '\''};
    text.remove_prefix(std::min(end + 1, text.size()));
    return word;
  }
  const Word word{.text = text.substr(0, size), .is_name = false};
  text.remove_prefix(size);
  return word;
}

std::vector<Word> WordsOf(std::string_view text) {
  std::vector<Word> words;
  while (!text.empty() && words.size() < kWordsMax) {
    const char first = text.front();
    if (first == ' ' || first == '\t' || first == '\n' || first == '\r') {
      text.remove_prefix(1);
    } else if (text.starts_with("--")) {
      text.remove_prefix(std::min(text.find('\n'), text.size()));
    } else {
      words.push_back(TakeWord(text));
    }
  }
  return words;
}

struct UsedTable {
  std::string_view name;
  std::string_view alias;  // empty: none
};

/// The tables that a statement names, with their aliases: FROM a x, s.b AS y JOIN c.
class TableFinder {
 public:
  explicit TableFinder(std::string_view statement) : words_(WordsOf(statement)) {}

  std::vector<UsedTable> Find() {
    std::vector<UsedTable> tables;
    while (at_ < words_.size()) {
      const Word& word = words_[at_++];
      if (word.is_name && IsOneOf(word.text, kBeforeTables)) {
        do {
          TakeTable(tables);
        } while (TakeMark(","));
      }
    }
    return tables;
  }

 private:
  bool TakeMark(std::string_view mark) {
    const bool is_there = at_ < words_.size() && !words_[at_].is_name && words_[at_].text == mark;
    at_ += is_there ? 1 : 0;
    return is_there;
  }

  void TakeTable(std::vector<UsedTable>& tables) {
    if (at_ >= words_.size() || !words_[at_].is_name) {
      return;
    }
    UsedTable table{.name = words_[at_++].text, .alias = {}};
    while (TakeMark(".") && at_ < words_.size() && words_[at_].is_name) {
      table.name = words_[at_++].text;
    }
    if (at_ < words_.size() && words_[at_].is_name && IsSame(words_[at_].text, "AS")) {
      ++at_;
    }
    if (at_ < words_.size() && words_[at_].is_name && !IsOneOf(words_[at_].text, kNoAliases)) {
      table.alias = words_[at_++].text;
    }
    tables.push_back(table);
  }

  std::vector<Word> words_;
  std::size_t at_ = 0;
};

/// What stands before the word that is being typed.
struct Place {
  std::size_t from = 0;
  std::string_view typed;
  std::string_view qualifier;  // before the dot; empty: no dot
  std::string_view before;     // the word before all that
};

std::size_t WordBegin(std::string_view text, std::size_t end) {
  while (end > 0 && IsWordByte(text[end - 1])) {
    --end;
  }
  return end;
}

Place PlaceAt(std::string_view text, std::size_t position) {
  Place place;
  place.from = WordBegin(text, position);
  place.typed = text.substr(place.from, position - place.from);
  std::size_t end = place.from;
  if (end > 0 && text[end - 1] == '.') {
    std::size_t last = end - 1;
    const bool is_quoted = last > 0 && (text[last - 1] == '"' || text[last - 1] == '`');
    if (is_quoted) {
      const auto opening = last > 1 ? text.rfind(text[last - 1], last - 2) : std::string_view::npos;
      const std::size_t begin = opening == std::string_view::npos ? last : opening;
      place.qualifier = text.substr(begin + 1, last - begin > 2 ? last - begin - 2 : 0);
      end = begin;
    } else {
      const std::size_t begin = WordBegin(text, last);
      place.qualifier = text.substr(begin, last - begin);
      end = begin;
    }
  }
  while (end > 0 && (text[end - 1] == ' ' || text[end - 1] == '\n' || text[end - 1] == '\t')) {
    --end;
  }
  const std::size_t begin = WordBegin(text, end);
  place.before = text.substr(begin, end - begin);
  return place;
}

/// The statement that is being typed: spaces after it still belong to it, a delimiter does not.
std::string_view StatementAt(std::string_view text, std::size_t position, sql::Dialect dialect) {
  std::string_view found;
  for (const sql::StatementSpan& span : sql::Split(text, dialect)) {
    const bool is_within = span.begin <= position;
    const auto between =
        text.substr(std::min(span.end, position), position - std::min(span.end, position));
    if (is_within && between.find(';') == std::string_view::npos) {
      found = text.substr(span.begin, span.end - span.begin);
    } else if (is_within) {
      found = {};
    }
  }
  return found;
}

class Collector {
 public:
  Collector(std::string_view typed, sql::Dialect dialect) : typed_(typed), dialect_(dialect) {}

  void AddName(std::string_view name, std::string_view kind, std::string detail = {}) {
    Add(Quoted(name), name, kind, std::move(detail));
  }
  void AddKeyword(std::string_view word) { Add(std::string(word), word, "keyword", {}); }

  void AddColumns(const sql::CatalogTable& table) {
    for (const sql::CatalogColumn& column : table.columns) {
      AddName(column.name, "column", fmt::format("{} · {}", table.name, column.type));
    }
  }

  std::vector<Completion> Take() && { return std::move(items_); }

 private:
  void Add(std::string label, std::string_view name, std::string_view kind, std::string detail) {
    if (items_.size() >= kCompletionsMax || !BeginsWith(name, typed_) ||
        !seen_.emplace(label, kind).second) {
      return;
    }
    items_.push_back({.label = std::move(label), .kind = kind, .detail = std::move(detail)});
  }

  /// A name that would not be read as it is without quotes gets them.
  [[nodiscard]] std::string Quoted(std::string_view name) const {
    const bool folds = dialect_ == sql::Dialect::kPostgres || dialect_ == sql::Dialect::kKwdb;
    const auto is_plain = [folds](char c) {
      return IsWordByte(c) && !(folds && c >= 'A' && c <= 'Z');
    };
    const bool starts_well = !name.empty() && !(name.front() >= '0' && name.front() <= '9');
    if (starts_well && std::ranges::all_of(name, is_plain) && !IsOneOf(name, kKeywords)) {
      return std::string(name);
    }
    const char quote = dialect_ == sql::Dialect::kMariadb ? '`' : '"';
    std::string quoted(1, quote);
    for (const char c : name) {
      quoted.append(c == quote ? 2 : 1, c);
    }
    return quoted + quote;
  }

  std::string_view typed_;
  sql::Dialect dialect_;
  std::vector<Completion> items_;
  std::set<std::pair<std::string, std::string_view>> seen_;
};

void AddTables(Collector& out, const sql::Catalog& catalog) {
  std::set<std::string_view> schemas;
  for (const sql::CatalogTable& table : catalog.tables) {
    out.AddName(table.name, "table", table.schema);
    schemas.insert(table.schema);
  }
  for (const std::string_view schema : schemas) {
    out.AddName(schema, "schema");
  }
}

/// After a dot: the columns of a table or alias, the tables of a schema.
void AddQualified(Collector& out,
                  std::string_view qualifier,
                  const std::vector<UsedTable>& used,
                  const sql::Catalog& catalog) {
  std::string_view name = qualifier;
  const auto aliased = std::ranges::find_if(
      used, [&](const UsedTable& one) { return IsSame(one.alias, qualifier); });
  if (aliased != used.end()) {
    name = aliased->name;
  }
  for (const sql::CatalogTable& table : catalog.tables) {
    if (IsSame(table.name, name)) {
      out.AddColumns(table);
    }
    if (IsSame(table.schema, qualifier)) {
      out.AddName(table.name, "table", table.schema);
    }
  }
}

void AddAll(Collector& out,
            const std::vector<UsedTable>& used,
            sql::Dialect dialect,
            const sql::Catalog& catalog) {
  for (const sql::CatalogTable& table : catalog.tables) {
    if (std::ranges::any_of(used, [&](const auto& one) { return IsSame(one.name, table.name); })) {
      out.AddColumns(table);
    }
  }
  for (const UsedTable& one : used) {
    if (!one.alias.empty()) {
      out.AddName(one.alias, "table", std::string(one.name));
    }
  }
  AddTables(out, catalog);
  for (const std::string_view word : kKeywords) {
    out.AddKeyword(word);
  }
  for (const std::string_view word : KeywordsOf(dialect)) {
    out.AddKeyword(word);
  }
  for (const std::string& function : catalog.functions) {
    out.AddName(function, "function");
  }
}

}  // namespace

Completions Complete(std::string_view text,
                     std::size_t position,
                     sql::Dialect dialect,
                     const sql::Catalog& catalog) {
  const Place place = PlaceAt(text, position);
  const auto used = TableFinder(StatementAt(text, position, dialect)).Find();
  Collector out(place.typed, dialect);
  if (!place.qualifier.empty()) {
    AddQualified(out, place.qualifier, used, catalog);
  } else if (IsSame(place.before, "USE") || IsSame(place.before, "DATABASE")) {
    for (const std::string& database : catalog.databases) {
      out.AddName(database, "database");
    }
  } else if (IsOneOf(place.before, kBeforeTables)) {
    AddTables(out, catalog);
  } else {
    AddAll(out, used, dialect, catalog);
  }
  return {.from = place.from, .items = std::move(out).Take()};
}

}  // namespace paddock::sqlrunner
