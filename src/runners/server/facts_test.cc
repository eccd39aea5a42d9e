// What is learnt of a schema, from answers as PostgreSQL and MariaDB give them.
#include <gtest/gtest.h>

#include "runners/server/mariadb_facts.h"
#include "runners/server/postgres_facts.h"

namespace paddock::runners::server {
namespace {

struct Answers {
  TextTable built_in = {{"random"}, {"nextval"}};
  TextTable own;
  TextTable views;
  TextTable defaults;
  TextTable unnamed;

  [[nodiscard]] SchemaFacts Facts() const {
    return PostgresFacts({built_in, own, views, defaults, unnamed});
  }
};

TEST(PostgresFacts, AFunctionThatCallsOneOfChanceIsOne) {
  Answers answers;
  answers.own = {{"outer_one", "SELECT Inner_one()", "false"},
                 {"inner_one", "SELECT random()", "false"},
                 {"sum_of", "SELECT $1 + $2", "false"}};
  const auto facts = answers.Facts();
  EXPECT_TRUE(facts.chance.contains("outer_one"));
  EXPECT_TRUE(facts.chance.contains("inner_one"));
  EXPECT_FALSE(facts.chance.contains("sum_of"));
  EXPECT_TRUE(facts.effects.contains("sum_of"));
  EXPECT_FALSE(facts.reads_by_chance || facts.reads_have_effects || facts.changes_by_chance);
}

TEST(PostgresFacts, ATriggerAndADefaultOfChanceConcernChanges) {
  Answers trigger;
  trigger.own = {{"stamp", "BEGIN NEW.at := now(); RETURN NEW; END", "true"}};
  EXPECT_TRUE(trigger.Facts().changes_by_chance);
  EXPECT_FALSE(trigger.Facts().reads_by_chance);
  Answers defaults;
  defaults.defaults = {{"nextval('t_id_seq'::regclass)"}, {"'x'::text"}};
  EXPECT_FALSE(defaults.Facts().changes_by_chance);
  defaults.defaults.push_back({"CURRENT_TIMESTAMP"});
  EXPECT_TRUE(defaults.Facts().changes_by_chance);
}

TEST(PostgresFacts, AViewSaysWhatReadingItMeans) {
  Answers answers;
  answers.views = {{" SELECT t.n FROM t;"}};
  EXPECT_FALSE(answers.Facts().reads_by_chance || answers.Facts().reads_have_effects);
  answers.views.push_back({" SELECT random() AS r;"});
  EXPECT_TRUE(answers.Facts().reads_by_chance);
  answers.views = {{" SELECT pg_stat_activity.query FROM pg_stat_activity;"}};
  EXPECT_TRUE(answers.Facts().reads_have_effects);
}

TEST(PostgresFacts, WhatCallsFunctionsWithoutTheirNamesCountsAsTheWorst) {
  Answers answers;
  answers.unnamed = {{"1"}};
  EXPECT_FALSE(answers.Facts().reads_have_effects);
  answers.own = {{"add_up", "SELECT random()", "false"}};
  EXPECT_TRUE(answers.Facts().reads_have_effects);
  EXPECT_TRUE(answers.Facts().reads_by_chance);
}

TEST(PostgresFacts, WithoutAnswersNothingIsSure) {
  const auto facts = PostgresFacts({});
  EXPECT_TRUE(facts.reads_by_chance && facts.reads_have_effects && facts.changes_by_chance);
}

TEST(MariadbFacts, RoutinesViewsAndDefaultsAreLookedInto) {
  const auto facts =
      MariadbFacts({{{"Dice", "BEGIN RETURN RAND(); END"}, {"twice", "RETURN n * 2"}},
                    {{"select `d`.`t`.`n` AS `n` from `d`.`t`"}},
                    {{"current_timestamp() on update current_timestamp()"}}});
  EXPECT_TRUE(facts.chance.contains("dice"));
  EXPECT_FALSE(facts.chance.contains("twice"));
  EXPECT_TRUE(facts.effects.contains("twice"));
  EXPECT_TRUE(facts.changes_by_chance);
  EXPECT_FALSE(facts.reads_by_chance || facts.reads_have_effects);
}

}  // namespace
}  // namespace paddock::runners::server
