#include "runners/sqlite/worker/guard.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace paddock::runners::sqlite {
namespace {

char Lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

// Lists below are in lower case.
bool IsOneOf(std::string_view name, auto&& list) {
  return std::ranges::any_of(
      list, [name](std::string_view entry) { return std::ranges::equal(name, entry, {}, Lower); });
}

bool HasPrefix(std::string_view name, std::string_view prefix) {
  return std::ranges::equal(name.substr(0, prefix.size()), prefix, {}, Lower);
}

// They reach outside of the database or into the engine.
constexpr auto kDeniedFunctions = std::to_array<std::string_view>(
    {"edit", "fts3_tokenizer", "load_extension", "readfile", "writefile"});
constexpr auto kDeniedTables =
    std::to_array<std::string_view>({"dbstat", "sqlite_dbpage", "sqlite_stmt"});
// They answer by chance or by the clock; the clock is watched by itself as well (ClockWatch).
constexpr auto kChangingFunctions = std::to_array<std::string_view>(
    {"random", "randomblob", "current_date", "current_time", "current_timestamp"});
// They answer by what was done on the connection, by whomever.
constexpr auto kConnectionFunctions =
    std::to_array<std::string_view>({"changes", "last_insert_rowid", "total_changes"});
// They only tell what there is.
constexpr auto kReadingPragmas = std::to_array<std::string_view>(
    {"application_id",  "collation_list",    "compile_options",    "database_list",
     "encoding",        "foreign_key_check", "foreign_key_list",   "foreign_keys",
     "function_list",   "index_info",        "index_list",         "index_xinfo",
     "integrity_check", "module_list",       "page_count",         "page_size",
     "pragma_list",     "quick_check",       "recursive_triggers", "schema_version",
     "table_info",      "table_list",        "table_xinfo",        "user_version"});
// Of those, the ones whose argument is a name and not a value to set.
constexpr auto kPragmasOfNames = std::to_array<std::string_view>(
    {"foreign_key_check", "foreign_key_list", "index_info", "index_list", "index_xinfo",
     "integrity_check", "quick_check", "table_info", "table_list", "table_xinfo"});
constexpr auto kScriptPragmas = std::to_array<std::string_view>({"foreign_keys"});
constexpr auto kModules = std::to_array<std::string_view>({"fts4", "fts5", "rtree"});

}  // namespace

int Guard::Decide(int action,
                  std::string_view first,
                  std::string_view second,
                  std::string_view database) {
  if (ground_ == Ground::kOwn) {
    return SQLITE_OK;
  }
  switch (action) {
    case SQLITE_SELECT:
    case SQLITE_RECURSIVE: return SQLITE_OK;
    case SQLITE_READ: return IsOneOf(first, kDeniedTables) ? Deny(first) : SQLITE_OK;
    case SQLITE_FUNCTION: return DecideFunction(second);
    case SQLITE_INSERT:
    case SQLITE_UPDATE:
    case SQLITE_DELETE: return DecideChange(first, database);
    case SQLITE_PRAGMA: return DecidePragma(first, !second.empty());
    case SQLITE_ATTACH: return Deny("ATTACH or VACUUM");
    case SQLITE_DETACH: return Deny("DETACH");
    case SQLITE_CREATE_VTABLE:
      return IsOneOf(second, kModules) ? DecideLasting()
                                       : Deny(fmt::format("the module {}", second));
    case SQLITE_TRANSACTION:
    case SQLITE_SAVEPOINT:
    case SQLITE_CREATE_INDEX:
    case SQLITE_CREATE_TABLE:
    case SQLITE_CREATE_TEMP_INDEX:
    case SQLITE_CREATE_TEMP_TABLE:
    case SQLITE_CREATE_TEMP_TRIGGER:
    case SQLITE_CREATE_TEMP_VIEW:
    case SQLITE_CREATE_TRIGGER:
    case SQLITE_CREATE_VIEW:
    case SQLITE_DROP_INDEX:
    case SQLITE_DROP_TABLE:
    case SQLITE_DROP_TEMP_INDEX:
    case SQLITE_DROP_TEMP_TABLE:
    case SQLITE_DROP_TEMP_TRIGGER:
    case SQLITE_DROP_TEMP_VIEW:
    case SQLITE_DROP_TRIGGER:
    case SQLITE_DROP_VIEW:
    case SQLITE_DROP_VTABLE:
    case SQLITE_ALTER_TABLE:
    case SQLITE_REINDEX:
    case SQLITE_ANALYZE: return DecideLasting();
    default: return Deny(fmt::format("this (action {})", action));
  }
}

int Guard::Deny(std::string_view what) {
  denied_ = what;
  return SQLITE_DENY;
}

int Guard::DecideFunction(std::string_view name) {
  if (IsOneOf(name, kDeniedFunctions)) {
    return Deny(fmt::format("the function {}", name));
  }
  if (IsOneOf(name, kConnectionFunctions)) {
    deterministic_ = false;
    needs_copy_ = needs_copy_ || ground_ == Ground::kShared;
  }
  if (IsOneOf(name, kChangingFunctions) || HasPrefix(name, "sqlite_")) {
    deterministic_ = false;
  }
  return SQLITE_OK;
}

int Guard::DecidePragma(std::string_view name, bool has_argument) {
  const bool reads =
      IsOneOf(name, kReadingPragmas) && (!has_argument || IsOneOf(name, kPragmasOfNames));
  const bool sets_keys = ground_ == Ground::kScript && IsOneOf(name, kScriptPragmas);
  return reads || sets_keys ? SQLITE_OK : Deny(fmt::format("PRAGMA {}", name));
}

// Rolling back undoes what is in ordinary tables; SQLite's own may be more than they look.
int Guard::DecideChange(std::string_view table, std::string_view database) {
  changes_rows_ = true;
  const bool is_plain = shared_changes_ && !HasPrefix(table, "sqlite_") && database == "main";
  needs_copy_ = needs_copy_ || (ground_ == Ground::kShared && !is_plain);
  return SQLITE_OK;
}

int Guard::DecideLasting() {
  needs_copy_ = needs_copy_ || ground_ == Ground::kShared;
  return SQLITE_OK;
}

}  // namespace paddock::runners::sqlite
