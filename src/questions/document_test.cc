#include "questions/document.h"

#include <gtest/gtest.h>

namespace paddock::questions {
namespace {

constexpr std::string_view kQuestion = R"(id: shop-cheap
number: 101
schema: shop
title: {en: Cheap things, zh: 便宜的东西}
description: |
  What costs **less** than 10?
difficulty: easy
category: {en: Filtering, zh: 过滤}
hints:
  - {en: Look at WHERE., zh: 看看 WHERE。}
solution: {en: A comparison.}
shims: [YEAR, IF]
references:
  - SELECT name FROM products WHERE price < 10 ORDER BY name
compare: {rows: keys, names: ignored, columns: any, tolerance: 0.01, trim: true}
show_expected: false
wrong:
  - query: SELECT name FROM products
    feedback: {en: Some cost more., zh: 有些更贵。}
check: [SELECT 1]
)";

/// Every problem as "line:field".
std::vector<std::string> ProblemsOf(std::string_view text) {
  yaml::Problems problems("q.yaml");
  static_cast<void>(ParseQuestion(text, problems));
  std::vector<std::string> places;
  for (const yaml::Problem& problem : problems.list()) {
    places.push_back(std::to_string(problem.line) + ":" + problem.field);
  }
  return places;
}

std::string With(std::string_view from, std::string_view to) {
  std::string text(kQuestion);
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(QuestionDocument, IsReadWithEverythingInIt) {
  yaml::Problems problems("q.yaml");
  const auto question = ParseQuestion(kQuestion, problems);
  ASSERT_TRUE(problems.empty()) << problems.Outcome().error().message;
  EXPECT_EQ(question.id, "shop-cheap");
  EXPECT_EQ(question.number, 101);
  EXPECT_EQ(question.title.In(Language::kChinese), "便宜的东西");
  EXPECT_EQ(question.solution.In(Language::kChinese), "A comparison.");
  EXPECT_EQ(question.points, 10);
  EXPECT_EQ(question.visibility, "everyone");
  EXPECT_EQ(NamesOf(question.shims), (std::vector<std::string_view>{"YEAR", "IF"}));
  EXPECT_EQ(question.compare.rows, challenges::RowOrder::kKeys);
  EXPECT_EQ(question.compare.tolerance, 0.01);
  EXPECT_FALSE(question.show_expected);
  EXPECT_EQ(question.wrong.at(0).feedback.english, "Some cost more.");
  EXPECT_TRUE(question.changes_data());
  EXPECT_EQ(question.lines.at("references[0]"), 14);
}

TEST(QuestionDocument, ReadsTheSameAfterItWasWritten) {
  yaml::Problems problems("q.yaml");
  const auto first = ParseQuestion(kQuestion, problems);
  const std::string text = WriteQuestion(first);
  const auto second = ParseQuestion(text, problems);
  ASSERT_TRUE(problems.empty()) << problems.Outcome().error().message << '\n' << text;
  EXPECT_EQ(WriteQuestion(second), text);
  EXPECT_EQ(second.description, first.description);
  EXPECT_EQ(second.references, first.references);
  EXPECT_EQ(second.hints, first.hints);
  EXPECT_EQ(second.wrong.at(0).query, first.wrong.at(0).query);
  EXPECT_EQ(second.wrong.at(0).feedback, first.wrong.at(0).feedback);
}

TEST(QuestionDocument, EveryMistakeIsSaidWithItsLineAndField) {
  using Places = std::vector<std::string>;
  EXPECT_EQ(ProblemsOf(With("shop-cheap", "Shop Cheap")), Places{"1:id"});
  EXPECT_EQ(ProblemsOf(With("number: 101", "number: 0")), Places{"2:number"});
  EXPECT_EQ(ProblemsOf(With("easy", "simple")), Places{"7:difficulty"});
  EXPECT_EQ(ProblemsOf(With("[YEAR, IF]", "[YEAR, SUM]")), Places{"12:shims"});
  EXPECT_EQ(ProblemsOf(With("rows: keys", "rows: sorted")), Places{"15:compare.rows"});
  EXPECT_EQ(ProblemsOf(With("tolerance: 0.01", "tolerance: nan")), Places{"15:compare.tolerance"});
  EXPECT_EQ(ProblemsOf(With("show_expected: false", "show_expectd: false")),
            Places{"16:show_expectd"});
  EXPECT_EQ(ProblemsOf(With("query: SELECT name FROM products", "query: ''")),
            Places{"18:wrong[0].query"});
  EXPECT_EQ(ProblemsOf("id: [a"), Places{"2:"});
  EXPECT_FALSE(ProblemsOf("").empty());
  EXPECT_EQ(ProblemsOf("[]").size(), 1U);
}

// The library would give what it has not written.
TEST(QuestionDocument, ABlockThatIsIndentedOddlyIsRefused) {
  yaml::Problems problems("document");
  static_cast<void>(
      ParseQuestion("id: one\nreferences:\n  - |-\n  - query: |-\n      SELECT 1\n"
                    "    feedback:\n      zh: \"abc\"\n",
                    problems));
  ASSERT_EQ(problems.list().size(), 1U);
  EXPECT_NE(problems.list()[0].message.find("indented alike"), std::string::npos)
      << problems.list()[0].message;
}

TEST(QuestionDocument, WhatIsNoUtf8IsRefusedWithItsLine) {
  yaml::Problems problems("document");
  static_cast<void>(ParseQuestion("id: one\ntitle: T\xFF\n", problems));
  ASSERT_EQ(problems.list().size(), 1U);
  EXPECT_EQ(problems.list()[0].line, 2);
  EXPECT_NE(problems.list()[0].message.find("UTF-8"), std::string::npos);
  yaml::Problems of_file("document");
  const FileReader files = [](std::string_view) -> Result<std::string> {
    return std::string("SELECT 1;\n-- \xC3");
  };
  static_cast<void>(ParseSchema("id: one\ntitle: T\nscript: s.sql\n", files, of_file));
  ASSERT_EQ(of_file.list().size(), 1U);
  EXPECT_NE(of_file.list()[0].message.find("line 2 of 's.sql'"), std::string::npos);
}

TEST(QuestionDocument, AnAddressThatIsNoHttpsIsRefused) {
  for (const std::string_view address :
       {"http://example.org", "javascript:alert(1)", "https://example.org/a b"}) {
    EXPECT_EQ(ProblemsOf(With("show_expected", std::string("video: \"") + std::string(address) +
                                                   "\"\nshow_expected")),
              std::vector<std::string>{"16:video"})
        << address;
  }
}

TEST(SchemaDocument, TakesItsScriptsFromFilesBesideIt) {
  const FileReader files = [](std::string_view name) -> Result<std::string> {
    if (name == "gone.sql") {
      return Fail(Code::kNotFound, "there is no file gone.sql");
    }
    return "-- " + std::string(name);
  };
  yaml::Problems problems("schema.yaml");
  const auto schema = ParseSchema(
      "id: shop\ntitle: Shop\nscript: schema.sql\ndata: data.sql\nhidden: [h1.sql, h2.sql]\n",
      files, problems);
  ASSERT_TRUE(problems.empty());
  EXPECT_EQ(schema.script, "-- schema.sql");
  EXPECT_EQ(schema.data, "-- data.sql");
  EXPECT_EQ(schema.hidden, (std::vector<std::string>{"-- h1.sql", "-- h2.sql"}));
  static_cast<void>(ParseSchema("id: shop\ntitle: Shop\nscript: gone.sql\n", files, problems));
  ASSERT_FALSE(problems.empty());
  EXPECT_EQ(problems.list().at(0).line, 3);
}

TEST(SchemaDocument, NamesNoFilesWhereThereAreNone) {
  yaml::Problems problems("document");
  static_cast<void>(ParseSchema("id: shop\ntitle: Shop\nscript: /etc/passwd\n", nullptr, problems));
  ASSERT_FALSE(problems.empty());
  EXPECT_EQ(problems.list().at(0).field, "script");
}

TEST(SchemaDocument, ReadsTheSameAfterItWasWritten) {
  SchemaDocument schema{.id = "odd",
                        .title = {.english = "Odd: \"texts\""},
                        .description = {.english = "a\nb\n", .chinese = "甲\n\n乙"},
                        .picture = "https://example.org/p.svg",
                        .script = "CREATE TABLE t (a);\n  -- indented\n",
                        .data = "  begins with spaces\nand ends without a line end",
                        .hidden = {"tab\there\r\n", "x\n\n\n", ""}};
  yaml::Problems problems("document");
  const auto text = WriteSchema(schema);
  const auto read = ParseSchema(text, nullptr, problems);
  ASSERT_TRUE(problems.empty()) << problems.Outcome().error().message << '\n' << text;
  EXPECT_EQ(read.title, schema.title);
  EXPECT_EQ(read.description, schema.description);
  EXPECT_EQ(read.script, schema.script);
  EXPECT_EQ(read.data, schema.data);
  EXPECT_EQ(read.hidden, schema.hidden);
}

}  // namespace
}  // namespace paddock::questions
