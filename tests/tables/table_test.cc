// What a table may not say: a mistake in one must not be a test that passes.
#include "table.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "images/testing/temp_directory.h"

namespace paddock::tables {
namespace {

constexpr std::string_view kHead = "table: stories\npeople: {tess: teacher}\ncases:\n";

/// What is wrong with `text`; "" when nothing is.
std::string ProblemOf(const std::string& text) {
  const auto table = ReadTable(text, "t");
  return table ? "" : table.error().message;
}
std::string ProblemOfStep(std::string_view step) {
  return ProblemOf(std::string(kHead) + "  - name: a case\n    steps:\n      - " +
                   std::string(step) + "\n");
}

TEST(TableReader, ReadsWhatIsSound) {
  EXPECT_EQ(ProblemOfStep("{who: tess, asks: GET /api/v1/session}"), "");
  EXPECT_EQ(ProblemOfStep("{at: 2026-11-26T23:59:59.999Z}"), "");
  EXPECT_EQ(ProblemOf("table: scopes\ncases: [{name: a, needed: nothing, allowed: true}]"), "");
  EXPECT_EQ(ProblemOf("table: grading\nschema: S\ncases: [{name: a, reference: R, rule: same}]"),
            "");
}

TEST(TableReader, ATableWithoutACaseIsRefused) {
  EXPECT_NE(ProblemOf("table: stories\npeople: {tess: teacher}\ncases: []\n"), "");
  EXPECT_NE(ProblemOf("table: stories\npeople: {tess: teacher}\n"), "");
  EXPECT_NE(ProblemOf("table: grading\nschema: S\n"), "");
  EXPECT_NE(ProblemOf(""), "");
}

TEST(TableReader, AKeyThatNobodyReadsIsRefused) {
  for (const std::string_view step :
       {"{who: tess, asks: GET /x, statsu: 404}", "{at: 2026-11-26T00:00:00Z, who: tess}",
        "{who: tess, solves: q, earn: 3}", "{who: tess, question: q, wiht: {}}",
        "{who: tess, class: c, member: []}"}) {
    EXPECT_NE(ProblemOfStep(step).find("unknown field"), std::string::npos) << step;
  }
  EXPECT_NE(ProblemOf("table: scopes\nextra: 1\ncases: [{name: a, needed: nothing, allowed: true}]")
                .find("extra"),
            std::string::npos);
  EXPECT_NE(ProblemOf("table: grading\nschema: S\ncases: [{name: a, reference: R, rule: r, x: 1}]")
                .find("cases[0].x"),
            std::string::npos);
}

TEST(TableReader, AStepThatCannotBeDoneIsRefused) {
  for (const std::string_view step :
       {"{who: tess}", "{asks: GET /x}", "{who: zoe, asks: GET /x}", "{who: tess, asks: GET}",
        "{at: 2026-11-26}", "{at: 2026-11-26T00:00:00.5Z}", "{who: tess, question: q, count: 0}",
        "{who: tess, class: c, members: [zoe]}", "{who: tess, solves: q, earns: some}",
        "{who: tess, asks: GET /x, answer: {/a/*/b: 1}}",
        "{who: tess, asks: GET /x, answer: {/a: [1]}}",
        "{who: tess, asks: GET /x, counts: {/a: b}}", "text"}) {
    EXPECT_NE(ProblemOfStep(step), "") << step;
  }
}

TEST(TableReader, ACaseIsNamedAndHasAStep) {
  const std::string one = "  - {name: a, steps: [{at: 2026-11-26T00:00:00Z}]}\n";
  EXPECT_EQ(ProblemOf(std::string(kHead) + one), "");
  EXPECT_NE(ProblemOf(std::string(kHead) + one + one), "") << "twice the same name";
  EXPECT_NE(ProblemOf(std::string(kHead) + "  - {steps: [{at: 2026-11-26T00:00:00Z}]}\n"), "");
  EXPECT_NE(ProblemOf(std::string(kHead) + "  - {name: a, steps: []}\n"), "");
  EXPECT_NE(ProblemOf("table: tales\ncases: [{name: a}]"), "");
}

TEST(TableReader, AFolderWithoutATableIsRefused) {
  const images::TempDirectory folder;
  EXPECT_FALSE(ReadTables(folder.path()));
}

}  // namespace
}  // namespace paddock::tables
