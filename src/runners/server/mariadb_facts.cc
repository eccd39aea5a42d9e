#include "runners/server/mariadb_facts.h"

#include <cstddef>

#include <fmt/format.h>

namespace paddock::runners::server {
namespace {

constexpr int kRoundsMax = 16;  // functions that call functions that call functions

enum Answer : std::size_t { kRoutines, kViews, kChanges, kAnswerCount };

TextKind KindOf(const std::string& text, const SchemaFacts& facts) {
  return Classify(text, sql::Dialect::kMariadb, facts);
}

}  // namespace

std::vector<std::string> MariadbFactQueries(const std::string& database) {
  return {fmt::format("SELECT routine_name, COALESCE(routine_definition, 'rand()') "
                      "FROM information_schema.routines WHERE routine_schema = '{}'",
                      database),
          fmt::format("SELECT view_definition FROM information_schema.views "
                      "WHERE table_schema = '{}'",
                      database),
          fmt::format("SELECT action_statement FROM information_schema.triggers "
                      "WHERE trigger_schema = '{0}' UNION ALL "
                      "SELECT CONCAT(COALESCE(column_default, ''), ' ', extra) "
                      "FROM information_schema.columns WHERE table_schema = '{0}'",
                      database)};
}

SchemaFacts MariadbFacts(const std::vector<TextTable>& answers) {
  if (answers.size() < kAnswerCount) {
    // Nothing is known, so everything may be.
    return {.reads_by_chance = true, .reads_have_effects = true, .changes_by_chance = true};
  }
  SchemaFacts facts;
  for (const auto& row : answers[kRoutines]) {
    facts.effects.insert(LowerCase(row.at(0)));
  }
  bool is_new = true;
  for (int round = 0; is_new && round < kRoundsMax; ++round) {
    is_new = false;
    for (const auto& row : answers[kRoutines]) {
      if (!KindOf(row.at(1), facts).deterministic) {
        is_new = facts.chance.insert(LowerCase(row.at(0))).second || is_new;
      }
    }
  }
  SchemaFacts found = facts;
  found.reads_by_chance = found.changes_by_chance = is_new;
  for (const auto& row : answers[kViews]) {
    const TextKind kind = KindOf(row.at(0), facts);
    found.reads_by_chance = found.reads_by_chance || !kind.deterministic;
    found.reads_have_effects = found.reads_have_effects || !kind.only_reads;
  }
  for (const auto& row : answers[kChanges]) {
    found.changes_by_chance = found.changes_by_chance || !KindOf(row.at(0), facts).deterministic;
  }
  return found;
}

}  // namespace paddock::runners::server
