#include "questions/seed.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "questions/document.h"

namespace paddock::questions {
namespace {

constexpr std::string_view kSeed = R"sql(
-- a seed
BEGIN;
DELETE FROM dp_schemas;
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
SELECT setval('dp_questions_question_id_seq', 16);
COMMIT;
)sql";

Result<Sources> Parse(std::string_view text, std::string_view more = "") {
  std::vector<SourceFile> files{{.path = "seed.sql", .text = std::string(text)}};
  if (!more.empty()) {
    files.push_back({.path = "more.sql", .text = std::string(more)});
  }
  return ParseSeed(files);
}

TEST(Seed, BecomesDocumentsLikeEverybodys) {
  const auto seed = Parse(kSeed);
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
  const auto seed = Parse(kSeed);
  ASSERT_TRUE(seed);
  ASSERT_EQ(seed->problems.size(), 1U);
  EXPECT_NE(seed->problems[0].find("No answer"), std::string::npos) << seed->problems[0];
  EXPECT_TRUE(seed->problems[0].starts_with("seed.sql:12 ")) << seed->problems[0];
  EXPECT_NE(seed->problems[0].find("references[0]"), std::string::npos) << seed->problems[0];
}

constexpr std::string_view kBikes =
    "INSERT INTO dp_schemas (schema_id, initial_sql) VALUES ('bikes', 'CREATE TABLE b (id)');\n"
    "INSERT INTO dp_questions (schema_id, type, difficulty, title, answer) VALUES\n"
    "  ('bikes', 'Basics', 'easy', 'First', 'SELECT 1'),\n"
    "  ('bikes', 'Basics', 'easy', 'Second', 'SELECT 2');\n";

TEST(Seed, AnUpdateChangesWhatWasInsertedBefore) {
  const auto seed =
      Parse(kBikes,
            "UPDATE public.dp_questions SET solution_video = 'https://example.org/v', "
            "updated_at = now() WHERE question_id = 2 AND type = 'Basics';\n"
            "UPDATE dp_questions SET difficulty = 'hard'::dp_difficulty;");
  ASSERT_TRUE(seed) << seed.error().message;
  yaml::Problems problems("document");
  const auto first = ParseQuestion(seed->questions[0].document, problems);
  const auto second = ParseQuestion(seed->questions[1].document, problems);
  EXPECT_EQ(first.video, "");
  EXPECT_EQ(second.video, "https://example.org/v");
  EXPECT_EQ(first.difficulty, Difficulty::kHard);
  EXPECT_EQ(second.difficulty, Difficulty::kHard);
  const auto cleared = Parse(kBikes, "UPDATE dp_schemas SET picture = NULL");
  EXPECT_TRUE(cleared);
}

struct Refused {
  std::string_view statement;
  std::string_view why;
};

// The whole seed, with the line: a part of it would be another seed than was meant.
TEST(Seed, AStatementThatIsNotUnderstoodIsRefusedWithItsLine) {
  for (const auto& [statement, why] : {
           Refused{"UPDATE dp_questions SET title = 'x' WHERE question_id > 1", "only understood"},
           Refused{"UPDATE dp_questions SET title = 'x' WHERE question_id IN (1)", "only under"},
           Refused{"UPDATE dp_questions SET title = 'x' WHERE answer = NULL", "only understood"},
           Refused{"UPDATE dp_questions SET title = 'x' FROM dp_schemas", "no literal"},
           Refused{"UPDATE dp_questions SET title = upper('x')", "TITLE is no literal"},
           Refused{"UPDATE dp_questions SET title = 'a' || 'b'", "TITLE is no literal"},
           Refused{"UPDATE dp_questions SET title = 'a', title = 'b'", "TITLE is there twice"},
           Refused{"UPDATE dp_questions SET question_id = 7", "changes its key"},
           Refused{"UPDATE dp_questions SET colour = 'x'", "no column COLOUR"},
           Refused{"UPDATE dp_questions SET title = 'x' WHERE question_id = 3", "meets no row"},
           Refused{"UPDATE dp_questions", "only understood"},
           Refused{"DELETE FROM dp_questions WHERE question_id = 1", "DELETE of DP_QUESTIONS"},
           Refused{"TRUNCATE dp_schemas CASCADE", "TRUNCATE of DP_SCHEMAS"},
           Refused{"COPY dp_questions FROM stdin", "COPY of DP_QUESTIONS"},
           Refused{"INSERT INTO dp_questions SELECT * FROM other", "with VALUES"},
           Refused{"INSERT INTO dp_schemas (schema_id) VALUES ('a', 'b')", "fewer columns"},
           Refused{"INSERT INTO dp_schemas (schema_id, picture) VALUES ('a')", "1 values for 2"},
           Refused{"INSERT INTO dp_schemas (schema_id) VALUES ('a' || 'b')", "no literal"},
           Refused{"INSERT INTO dp_schemas (schema_id) VALUES ('bikes')", "first at seed.sql:1"},
           Refused{"INSERT INTO dp_schemas (schema_id) VALUES ('x') ON CONFLICT DO UPDATE SET x",
                   "DO UPDATE"},
           Refused{"INSERT INTO dp_schemas (schema_id) VALUES ('x'", "not closed"},
       }) {
    const auto seed = Parse(kBikes, "-- more\n\n" + std::string(statement) + ";\n");
    ASSERT_FALSE(seed) << statement;
    EXPECT_TRUE(seed.error().message.starts_with("more.sql:3: ")) << seed.error().message;
    EXPECT_NE(seed.error().message.find(why), std::string::npos)
        << statement << " gives " << seed.error().message;
  }
}

TEST(Seed, WhatIsNoneIsRefused) {
  for (const std::string_view text :
       {"", "SELECT 1", "INSERT INTO dp_schemas", "INSERT INTO dp_schemas VALUES", "INSERT",
        "INSERT INTO other VALUES (1)"}) {
    EXPECT_FALSE(Parse(text)) << text;
  }
  EXPECT_FALSE(Parse(std::string(kSeedBytesMax + 1, ' ')));
}

TEST(Seed, WhateverItIsCutAtIsRead) {
  for (std::size_t size = 0; size < kSeed.size(); ++size) {
    static_cast<void>(Parse(kSeed.substr(0, size)));
  }
  for (const std::string_view text :
       {"INSERT INTO dp_questions VALUES (", "INSERT INTO dp_questions VALUES ()",
        "INSERT INTO dp_questions VALUES ((((", "INSERT INTO dp_questions (a,) VALUES (1,,2),(",
        "INSERT INTO dp_questions VALUES ) , ("}) {
    static_cast<void>(Parse(text));
  }
}

TEST(Seed, MoreRowsThanTheLimitAreRefused) {
  std::string text = "INSERT INTO dp_schemas VALUES (0)";
  for (std::size_t i = 1; i < kSeedRowsMax; ++i) {
    text += fmt::format(",({})", i);
  }
  EXPECT_TRUE(Parse(text));
  text += ",('one more')";
  const auto seed = Parse(text);
  ASSERT_FALSE(seed);
  EXPECT_NE(seed.error().message.find("more than 10000 rows"), std::string::npos);
}

}  // namespace
}  // namespace paddock::questions
