#include "questions/seed.h"

#include <gtest/gtest.h>

#include "questions/document.h"

namespace paddock::questions {
namespace {

constexpr std::string_view kSeed = R"sql(
-- a seed
BEGIN;
INSERT INTO dp_schemas (schema_id, description, initial_sql) VALUES
  ('Bikes', 'Bicycles; and ''who'' rides them', 'CREATE TABLE bikes (id INTEGER, name TEXT);
INSERT INTO bikes VALUES (1, ''red; blue'');'),
  ('trains', '', E'CREATE TABLE trains (id INTEGER);\n');
INSERT INTO public.dp_questions
  (schema_id, type, difficulty, title, description, answer, solution_video) VALUES
  ('Bikes', 'Basics', 'easy'::dp_difficulty, 'All bikes', 'Show (all), please', 'SELECT * FROM bikes', NULL),
  ('trains', 'Basics', 'hard', 'No answer', 'x', '', 'https://example.org/v');
INSERT INTO dp_questions VALUES
  (16, 'Bikes', 'Odd', 'medium', 'A backslash', '', 'SELECT id \
FROM bikes', NULL, now(), NOW(), NULL);
INSERT INTO other (a) VALUES (1);
DELETE FROM dp_schemas; DROP TABLE dp_questions;
COMMIT;
)sql";

TEST(Seed, BecomesDocumentsLikeEverybodys) {
  const auto seed = ParseSeed(kSeed);
  ASSERT_TRUE(seed) << seed.error().message;
  ASSERT_EQ(seed->schemas.size(), 2U);
  EXPECT_EQ(seed->schemas[0].id, "bikes");
  yaml::Problems problems("document");
  const auto schema = ParseSchema(seed->schemas[0].document, nullptr, problems);
  EXPECT_EQ(
      schema.script,
      "CREATE TABLE bikes (id INTEGER, name TEXT);\nINSERT INTO bikes VALUES (1, 'red; blue');");
  EXPECT_EQ(schema.description.english, "Bicycles; and 'who' rides them");
  ASSERT_EQ(seed->questions.size(), 2U);
  const auto first = ParseQuestion(seed->questions[0].document, problems);
  EXPECT_EQ(first.references, std::vector<std::string>{"SELECT * FROM bikes"});
  EXPECT_EQ(first.difficulty, Difficulty::kEasy);
  EXPECT_EQ(first.description.english, "Show (all), please");
  EXPECT_EQ(first.schema, "bikes");
  const auto odd = ParseQuestion(seed->questions[1].document, problems);
  EXPECT_EQ(odd.number, 16);
  EXPECT_EQ(odd.references, std::vector<std::string>{"SELECT id \\\nFROM bikes"});
  EXPECT_TRUE(problems.empty());
}

TEST(Seed, AQuestionWithoutAnAnswerIsSaidAndTheOthersGoOn) {
  const auto seed = ParseSeed(kSeed);
  ASSERT_TRUE(seed);
  ASSERT_EQ(seed->problems.size(), 1U);
  EXPECT_NE(seed->problems[0].find("No answer"), std::string::npos) << seed->problems[0];
  EXPECT_NE(seed->problems[0].find("references[0]"), std::string::npos) << seed->problems[0];
}

TEST(Seed, WhatIsNoneIsRefused) {
  for (const std::string_view text :
       {"", "SELECT 1", "INSERT INTO dp_schemas", "INSERT INTO dp_schemas VALUES", "INSERT",
        "INSERT INTO other VALUES (1)"}) {
    EXPECT_FALSE(ParseSeed(text)) << text;
  }
  EXPECT_FALSE(ParseSeed(std::string(kSeedBytesMax + 1, ' ')));
}

TEST(Seed, WhateverItIsCutAtIsRead) {
  for (std::size_t size = 0; size < kSeed.size(); ++size) {
    static_cast<void>(ParseSeed(kSeed.substr(0, size)));
  }
  for (const std::string_view text :
       {"INSERT INTO dp_questions VALUES (", "INSERT INTO dp_questions VALUES ()",
        "INSERT INTO dp_questions VALUES ((((", "INSERT INTO dp_questions (a,) VALUES (1,,2),(",
        "INSERT INTO dp_questions VALUES ) , ("}) {
    static_cast<void>(ParseSeed(text));
  }
}

TEST(Seed, MoreRowsThanTheLimitAreRefused) {
  std::string text = "INSERT INTO dp_schemas VALUES (1)";
  for (std::size_t i = 0; i < kSeedRowsMax; ++i) {
    text += ",(1)";
  }
  EXPECT_FALSE(ParseSeed(text));
}

}  // namespace
}  // namespace paddock::questions
