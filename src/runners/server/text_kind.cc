#include "runners/server/text_kind.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "runners/server/text_words.h"
#include "sql/lexer.h"
#include "sql/splitter.h"

namespace paddock::runners::server {
namespace {

using sql::Dialect;
using Kind = TextWord::Kind;

constexpr int kDepthMax = 4;  // of texts within texts: a function that makes a function

// Lists are in lower case.
template <std::size_t Size>
bool IsOneOf(std::string_view word, const std::array<std::string_view, Size>& list) {
  return std::ranges::find(list, word) != list.end();
}

constexpr auto kReadingVerbs =
    std::to_array<std::string_view>({"select", "with", "values", "table", "explain"});
// None of them is in a statement that only reads, but for a name that nobody should have.
constexpr auto kChangingWords = std::to_array<std::string_view>(
    {"insert", "update", "delete", "merge", "into", "share", "lock", "call", "procedure", "next"});
constexpr auto kDefiningVerbs = std::to_array<std::string_view>(
    {"alter", "call", "cluster", "comment", "copy", "create", "do", "drop", "grant", "import",
     "load", "reassign", "refresh", "reindex", "rename", "replace", "revoke", "security",
     "truncate"});
constexpr auto kDataWords =
    std::to_array<std::string_view>({"insert", "update", "delete", "merge", "into"});
// A text of theirs is SQL again.
constexpr auto kBodyWords =
    std::to_array<std::string_view>({"function", "procedure", "do", "trigger", "event"});

// Words that mean the clock, who asks, where, or how the server does it: in every dialect.
constexpr auto kChanceWords = std::to_array<std::string_view>(
    {"current_date", "current_time", "current_timestamp", "localtime", "localtimestamp",
     "current_user", "current_role", "session_user", "information_schema", "explain", "show",
     "execute", "prepare"});
constexpr auto kPostgresWords =
    std::to_array<std::string_view>({"current_catalog", "current_schema", "tablesample", "xmin",
                                     "xmax", "cmin", "cmax", "tableoid", "oid", "user"});
constexpr auto kMariadbWords = std::to_array<std::string_view>(
    {"utc_date", "utc_time", "utc_timestamp", "analyze", "immediate"});
constexpr auto kMariadbSchemas =
    std::to_array<std::string_view>({"information_schema", "mysql", "performance_schema", "sys"});
// Stable to PostgreSQL, for as long as one statement; what is volatile it says itself.
constexpr auto kPostgresFunctions = std::to_array<std::string_view>(
    {"now", "transaction_timestamp", "statement_timestamp", "current_setting", "current_database",
     "current_schema", "current_schemas", "current_query", "inet_client_addr", "inet_client_port",
     "inet_server_addr", "inet_server_port", "txid_current", "txid_current_if_assigned",
     "txid_current_snapshot", "cursor_to_xml", "query_to_xml", "version"});
// Volatile, but on a fresh clone the same again.
constexpr auto kSequenceFunctions =
    std::to_array<std::string_view>({"nextval", "currval", "lastval", "setval"});
constexpr auto kMariadbFunctions = std::to_array<std::string_view>(
    {"rand",      "uuid",        "uuid_short",      "sys_guid",         "random_bytes",
     "now",       "sysdate",     "curdate",         "curtime",          "connection_id",
     "user",      "system_user", "database",        "schema",           "sleep",
     "benchmark", "load_file",   "master_pos_wait", "master_gtid_wait", "encrypt"});
constexpr auto kMariadbEffects = std::to_array<std::string_view>(
    {"get_lock", "release_lock", "release_all_locks", "is_free_lock", "is_used_lock", "sleep",
     "benchmark", "load_file", "master_pos_wait", "master_gtid_wait"});
// What PostgreSQL reads as the clock when it is the text of a date or a time.
constexpr auto kClockTexts =
    std::to_array<std::string_view>({"now", "today", "tomorrow", "yesterday"});

// As a word of its own.
bool Says(std::string_view text, std::string_view word) {
  for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const auto end = at + word.size();
    if ((at == 0 || !sql::IsWordLetter(text[at - 1])) &&
        (end == text.size() || !sql::IsWordLetter(text[end]))) {
      return true;
    }
  }
  return false;
}

bool SaysClock(std::string_view text) {
  return std::ranges::any_of(kClockTexts,
                             [text](std::string_view word) { return Says(text, word); });
}

class Reading {
 public:
  Reading(Dialect dialect, const SchemaFacts& facts) : dialect_(dialect), facts_(facts) {}

  void Take(std::string_view text, int depth) {
    const TextWords read = ReadWords(text, dialect_);
    if (read.is_opaque || depth > kDepthMax) {
      has_effects_ = by_chance_ = true;
      return;
    }
    const bool has_body = std::ranges::any_of(read.words, [](const TextWord& word) {
      return word.kind == Kind::kWord && IsOneOf(word.text, kBodyWords);
    });
    for (std::size_t at = 0; at < read.words.size(); ++at) {
      const TextWord& word = read.words[at];
      if (word.kind == Kind::kText) {
        by_chance_ = by_chance_ || (is_postgres() && SaysClock(word.text));
        if (has_body) {
          Take(word.text, depth + 1);
        }
      } else if (word.kind == Kind::kSign) {
        // MariaDB's @@variables.
        by_chance_ = by_chance_ || (read.IsSign(at, '@') && read.IsSign(at + 1, '@'));
      } else {
        TakeWord(word);
        if (read.IsCall(at)) {
          TakeCall(read, at);
        }
      }
    }
  }

  [[nodiscard]] bool has_effects() const noexcept { return has_effects_; }
  [[nodiscard]] bool by_chance() const noexcept { return by_chance_; }

 private:
  [[nodiscard]] bool is_postgres() const noexcept { return dialect_ == Dialect::kPostgres; }

  void TakeWord(const TextWord& word) {
    // What the server has itself, much of which is about whoever else is there.
    const bool is_system =
        is_postgres() ? word.text.starts_with("pg_") : IsOneOf(word.text, kMariadbSchemas);
    has_effects_ = has_effects_ || is_system ||
                   (word.kind == Kind::kWord && IsOneOf(word.text, kChangingWords));
    by_chance_ =
        by_chance_ || is_system || IsOneOf(word.text, kChanceWords) ||
        (is_postgres() ? IsOneOf(word.text, kPostgresWords) : IsOneOf(word.text, kMariadbWords));
  }

  void TakeCall(const TextWords& read, std::size_t at) {
    const std::string& name = read.words[at].text;
    has_effects_ = has_effects_ || facts_.effects.contains(name) ||
                   IsOneOf(name, kSequenceFunctions) ||
                   (!is_postgres() && IsOneOf(name, kMariadbEffects));
    if (IsOneOf(name, kSequenceFunctions)) {
      return;
    }
    by_chance_ =
        by_chance_ || facts_.chance.contains(name) ||
        (is_postgres() ? IsOneOf(name, kPostgresFunctions) : IsOneOf(name, kMariadbFunctions)) ||
        (is_postgres() && name == "age" && read.HasArguments(at, 1)) ||
        (!is_postgres() && name == "unix_timestamp" && read.HasArguments(at, 0));
  }

  Dialect dialect_;
  const SchemaFacts& facts_;
  bool has_effects_ = false;
  bool by_chance_ = false;
};

std::string_view VerbOf(const TextWords& read) {
  const auto verb = std::ranges::find_if(
      read.words, [](const TextWord& word) { return word.kind != Kind::kSign; });
  return verb == read.words.end() || verb->kind != Kind::kWord ? std::string_view() : verb->text;
}

}  // namespace

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
  });
  return lower;
}

TextKind Classify(std::string_view text, Dialect dialect, const SchemaFacts& facts) {
  Reading reading(dialect, facts);
  reading.Take(text, 0);
  const auto spans = sql::Split(text, dialect, 2);
  const bool is_one = spans.size() == 1;
  const bool only_reads = is_one && !reading.has_effects() && !facts.reads_have_effects &&
                          IsOneOf(VerbOf(ReadWords(text, dialect)), kReadingVerbs);
  const bool by_chance =
      reading.by_chance() || facts.reads_by_chance || (!only_reads && facts.changes_by_chance);
  return {.only_reads = only_reads, .deterministic = !by_chance};
}

bool ChangesData(std::string_view statement, Dialect dialect) {
  const TextWords read = ReadWords(statement, dialect);
  const auto is_data = [](const TextWord& word) {
    return word.kind == Kind::kWord && IsOneOf(word.text, kDataWords);
  };
  return read.is_opaque || IsOneOf(VerbOf(read), kDefiningVerbs) ||
         std::ranges::any_of(read.words, is_data);
}

}  // namespace paddock::runners::server
