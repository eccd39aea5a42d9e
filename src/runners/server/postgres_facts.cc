#include "runners/server/postgres_facts.h"

#include <algorithm>
#include <cstddef>

namespace paddock::runners::server {
namespace {

constexpr int kRoundsMax = 16;  // functions that call functions that call functions

enum Answer : std::size_t { kBuiltIn, kOwn, kViews, kDefaults, kUnnamed, kAnswerCount };

TextKind KindOf(const std::string& text, const SchemaFacts& facts) {
  return Classify(text, sql::Dialect::kPostgres, facts);
}

/// What the schema's own functions are, and whether a trigger's is one of chance.
struct OwnFunctions {
  bool any_by_chance = false;
  bool trigger_by_chance = false;
};

// True when there was something new.
bool TakeFunctions(const TextTable& functions, SchemaFacts& facts, OwnFunctions& own) {
  bool is_new = false;
  for (const auto& row : functions) {
    if (KindOf(row.at(1), facts).deterministic) {
      continue;
    }
    is_new = facts.chance.insert(LowerCase(row.at(0))).second || is_new;
    own.any_by_chance = true;
    own.trigger_by_chance = own.trigger_by_chance || row.at(2) == "true";
  }
  return is_new;
}

}  // namespace

SchemaFacts PostgresFacts(const std::vector<TextTable>& answers) {
  SchemaFacts facts;
  if (answers.size() < kAnswerCount) {
    // Nothing is known, so everything may be.
    return {.reads_by_chance = true, .reads_have_effects = true, .changes_by_chance = true};
  }
  for (const auto& row : answers[kBuiltIn]) {
    facts.chance.insert(LowerCase(row.at(0)));
    facts.effects.insert(LowerCase(row.at(0)));
  }
  for (const auto& row : answers[kOwn]) {
    facts.effects.insert(LowerCase(row.at(0)));
  }
  OwnFunctions own;
  bool is_new = true;
  for (int round = 0; is_new && round < kRoundsMax; ++round) {
    is_new = TakeFunctions(answers[kOwn], facts, own);
  }
  bool reads_by_chance = is_new;
  bool changes_by_chance = is_new || own.trigger_by_chance;
  bool reads_have_effects = false;
  for (const auto& row : answers[kViews]) {
    const TextKind kind = KindOf(row.at(0), facts);
    reads_by_chance = reads_by_chance || !kind.deterministic;
    reads_have_effects = reads_have_effects || !kind.only_reads;
  }
  for (const auto& row : answers[kDefaults]) {
    changes_by_chance = changes_by_chance || !KindOf(row.at(0), facts).deterministic;
  }
  if (!answers[kUnnamed].empty() && !answers[kOwn].empty()) {
    reads_have_effects = true;
    reads_by_chance = reads_by_chance || own.any_by_chance;
  }
  facts.reads_by_chance = reads_by_chance;
  facts.reads_have_effects = reads_have_effects;
  facts.changes_by_chance = changes_by_chance;
  return facts;
}

}  // namespace paddock::runners::server
