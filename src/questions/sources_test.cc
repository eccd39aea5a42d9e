#include "questions/sources.h"

#include <gtest/gtest.h>

#include "questions/document.h"
#include "questions/shipped.h"

namespace paddock::questions {
namespace {

constexpr std::string_view kSchema =
    "id: shop\ntitle: Shop\nscript: schema.sql\ndata: data.sql\nhidden: [h.sql]\n";

std::string Question(std::string_view id, std::string_view more = "") {
  return "id: " + std::string(id) +
         "\ntitle: T\ndescription: D\ndifficulty: easy\ncategory: C\nreferences: [SELECT 1]\n" +
         std::string(more);
}

std::vector<SourceFile> Files() {
  return {{.path = "x/shop/schema.yaml", .text = std::string(kSchema)},
          {.path = "x/shop/schema.sql", .text = "CREATE TABLE t (a);\n"},
          {.path = "x/shop/data.sql", .text = "INSERT INTO t VALUES (1);\n"},
          {.path = "x/shop/h.sql", .text = "INSERT INTO t VALUES (2);\n"},
          {.path = "x/shop/01-one.yaml", .text = Question("one", "number: 1\n")}};
}

TEST(Sources, AFolderIsASchemaWithItsQuestions) {
  const auto sources = ReadSources(Files());
  EXPECT_EQ(sources.problems, std::vector<std::string>());
  ASSERT_EQ(sources.schemas.size(), 1U);
  ASSERT_EQ(sources.questions.size(), 1U);
  EXPECT_EQ(sources.questions[0].schema, "shop");
  EXPECT_EQ(sources.questions[0].number, 1);
  yaml::Problems problems("document");
  const auto schema = ParseSchema(sources.schemas[0].document, nullptr, problems);
  EXPECT_TRUE(problems.empty());
  EXPECT_EQ(schema.script, "CREATE TABLE t (a);\n");
  EXPECT_EQ(schema.hidden, std::vector<std::string>{"INSERT INTO t VALUES (2);\n"});
}

TEST(Sources, WhatIsWrongIsSaidWithItsFileAndTheRestGoesOn) {
  auto files = Files();
  files.push_back({.path = "x/shop/02.yaml", .text = Question("one")});
  files.push_back({.path = "x/shop/03.yaml", .text = Question("three", "number: 1\n")});
  files.push_back({.path = "x/shop/04.yaml", .text = Question("four", "schema: other\n")});
  files.push_back({.path = "x/shop/05.yaml", .text = "id: ["});
  files.push_back({.path = "x/lost/06.yaml", .text = Question("six")});
  const auto sources = ReadSources(files);
  EXPECT_EQ(sources.questions.size(), 1U);
  ASSERT_EQ(sources.problems.size(), 5U);
  EXPECT_TRUE(sources.problems[0].starts_with("x/lost/06.yaml:1: ")) << sources.problems[0];
  EXPECT_EQ(sources.problems[1], "x/shop/02.yaml:1: id: is another question's already");
}

TEST(Sources, NoFileOutsideOfTheFolderIsRead) {
  auto files = Files();
  files[0].text = "id: shop\ntitle: Shop\nscript: ../other/schema.sql\n";
  files.push_back({.path = "x/other/schema.sql", .text = "secret"});
  const auto sources = ReadSources(files);
  EXPECT_TRUE(sources.schemas.empty());
  EXPECT_EQ(sources.problems.size(), 1U);
}

TEST(Sources, AFolderThatIsNotThereIsSaid) {
  const auto files = ReadFolder("/nowhere/at/all");
  ASSERT_FALSE(files);
  EXPECT_EQ(files.error().code, Code::kNotFound);
}

TEST(Sources, WhatIsShippedReadsWithoutAnyProblem) {
  const auto sources = ReadSources(ShippedFiles());
  EXPECT_EQ(sources.problems, std::vector<std::string>());
  EXPECT_GE(sources.schemas.size(), 3U);
  EXPECT_GE(sources.questions.size(), 40U);
}

}  // namespace
}  // namespace paddock::questions
