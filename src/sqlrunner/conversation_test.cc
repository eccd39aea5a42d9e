#include "sqlrunner/conversation.h"

#include <string>
#include <vector>

#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sqlrunner/testing/conversation_fixture.h"

namespace paddock::sqlrunner {
namespace {

namespace json = boost::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ConversationTest = testing::ConversationFixture;

TEST_F(ConversationTest, OpensByADescriptorOfTheServer) {
  Send(R"({"type":"open","id":1,"sandbox":"s1","engine":"postgres"})");
  EXPECT_EQ(NextText(),
            R"({"type":"opened","id":1,"engine":"postgres","version":"Scripted 1",)"
            R"("database":"postgres","user":"root","transaction":"none","read_only":false})");
}

TEST_F(ConversationTest, ARefusedConnectionEndsTheConversationWithTheReason) {
  refusal_ = Error{.code = Code::kNotFound, .message = "no such sandbox"};
  Send(R"({"type":"open","id":1,"sandbox":"s1","engine":"postgres"})");
  EXPECT_EQ(NextText(),
            R"({"type":"failed","id":1,"code":"not_found","message":"no such sandbox"})");
  EXPECT_EQ(NextText(), R"({"type":"closed","reason":"open_failed","message":"no such sandbox"})");
  EXPECT_EQ(NextText(), R"({"type":"end","code":"4000"})");
}

TEST_F(ConversationTest, RunsStatementByStatementWithPositionsInTheWholeText) {
  Open();
  Send(R"({"type":"execute","id":2,"text":"begin; rows 2; fail; rows 1"})");
  EXPECT_EQ(NextText(), R"({"type":"statement","id":2,"index":0,"begin":0,"end":5})");
  EXPECT_EQ(NextType(), "complete");
  EXPECT_EQ(NextText(), R"({"type":"statement","id":2,"index":1,"begin":7,"end":13})");
  EXPECT_EQ(NextText(), R"({"type":"columns","id":2,"result":null,"columns":[)"
                        R"({"name":"n","type":"int8","kind":"integer"},)"
                        R"({"name":"t","type":"text","kind":"text"}]})");
  EXPECT_EQ(NextText(),
            R"({"type":"rows","id":2,"result":null,"rows":[["1","row \"1\""],["2","row \"2\""]]})");
  const auto complete = Next();
  EXPECT_EQ(complete.at("tag").as_string(), "SELECT 2");
  EXPECT_EQ(complete.at("rows").to_number<int>(), 2);
  EXPECT_FALSE(complete.at("truncated").as_bool());
  EXPECT_EQ(NextText(), R"({"type":"statement","id":2,"index":2,"begin":15,"end":19})");
  EXPECT_EQ(NextText(),
            R"({"type":"error","id":2,"index":2,"code":"42601","message":"no such word",)"
            R"("hint":"use another","position":17})");
  EXPECT_EQ(NextText(),
            R"({"type":"done","id":2,"transaction":"open","cancelled":false,"truncated":false})");
}

TEST_F(ConversationTest, GoesOnAfterAnErrorWhenAsked) {
  Open();
  Send(R"({"type":"execute","id":2,"text":"fail; notice","stop_on_error":false})");
  EXPECT_EQ(NextType(), "statement");
  EXPECT_EQ(NextType(), "error");
  EXPECT_EQ(NextType(), "statement");
  EXPECT_EQ(NextText(),
            R"({"type":"notice","id":2,"severity":"NOTICE","code":"00000","message":"hear"})");
  EXPECT_EQ(NextType(), "complete");
  EXPECT_EQ(NextType(), "done");
}

TEST_F(ConversationTest, AnErrorMayComeAfterRows) {
  Open();
  Send(R"({"type":"execute","id":2,"text":"rows 1 then fail"})");
  EXPECT_EQ(NextType(), "statement");
  EXPECT_EQ(NextType(), "columns");
  EXPECT_EQ(NextType(), "rows");
  EXPECT_EQ(Next().at("position").to_number<int>(), 3);
  EXPECT_EQ(NextType(), "done");
}

TEST_F(ConversationTest, AStatementMayHaveTwoResults) {
  Open();
  Send(R"({"type":"execute","id":2,"text":"two"})");
  std::vector<std::string> types;
  do {
    types.push_back(NextType());
  } while (types.back() != "done");
  EXPECT_THAT(types, ElementsAre("statement", "columns", "rows", "complete", "columns", "rows",
                                 "complete", "done"));
}

TEST_F(ConversationTest, RowsWaitForCredit) {
  Open();
  Send(R"({"type":"execute","id":2,"text":"rows 1500"})");
  EXPECT_EQ(NextType(), "statement");
  EXPECT_EQ(NextType(), "columns");
  EXPECT_EQ(Next().at("rows").as_array().size(), 1000);
  // Asked now, answered before the rest, which nobody may have yet.
  Send(R"({"type":"complete","id":9,"text":"","position":0})");
  EXPECT_EQ(NextType(), "completions");
  Send(R"({"type":"more","id":2,"rows":400})");
  EXPECT_EQ(Next().at("rows").as_array().size(), 400);
  Send(R"({"type":"more","id":2,"rows":400})");
  EXPECT_EQ(Next().at("rows").as_array().size(), 100);
  EXPECT_EQ(NextType(), "complete");
  EXPECT_EQ(NextType(), "done");
}

TEST_F(ConversationTest, CancelReachesRowsThatWaitForCredit) {
  Open();
  Send(R"({"type":"execute","id":2,"text":"rows 5000; rows 1"})");
  EXPECT_EQ(NextType(), "statement");
  EXPECT_EQ(NextType(), "columns");
  EXPECT_EQ(NextType(), "rows");
  Send(R"({"type":"cancel"})");
  EXPECT_EQ(Next().at("code").as_string(), "57014");
  EXPECT_TRUE(Next().at("cancelled").as_bool());
  Send(R"({"type":"execute","id":3,"text":"begin"})");
  EXPECT_EQ(NextType(), "statement");
}

TEST_F(ConversationTest, CancelReachesAStatementAndTheSessionGoesOn) {
  Open();
  Send(R"({"type":"execute","id":2,"text":"wait; rows 1"})");
  EXPECT_EQ(NextType(), "statement");
  Send(R"({"type":"cancel"})");
  EXPECT_EQ(Next().at("code").as_string(), "57014");
  EXPECT_EQ(NextText(),
            R"({"type":"done","id":2,"transaction":"none","cancelled":true,"truncated":false})");
  Send(R"({"type":"execute","id":3,"text":"begin"})");
  EXPECT_EQ(NextType(), "statement");
  EXPECT_EQ(NextType(), "complete");
}

TEST_F(ConversationTest, ALimitOfRowsIsSaid) {
  Open();
  Send(R"({"type":"execute","id":2,"text":"rows 30","rows_max":7})");
  EXPECT_EQ(NextType(), "statement");
  EXPECT_EQ(NextType(), "columns");
  EXPECT_EQ(Next().at("rows").as_array().size(), 7);
  EXPECT_EQ(Next().at("truncated").as_string(), "rows");
  EXPECT_EQ(NextType(), "done");
}

TEST_F(ConversationTest, ARowThatIsTooLongFailsItsStatementAlone) {
  Open();
  Send(R"({"type":"execute","id":2,"text":"huge"})");
  EXPECT_EQ(NextType(), "statement");
  const auto error = Next();
  EXPECT_EQ(error.at("code").as_string(), "54000");
  EXPECT_THAT(std::string(error.at("message").as_string()), HasSubstr("9437184 bytes"));
  EXPECT_EQ(NextType(), "done");
}

TEST_F(ConversationTest, StoredRowsAreReadInWindows) {
  Open();
  const auto result = Store("rows 2500");
  Send(fmt::format(R"({{"type":"view","id":3,"result":{},"offset":2498,"limit":9}})", result));
  EXPECT_EQ(NextText(),
            fmt::format(R"({{"type":"window","id":3,"result":{},"offset":2498,"total":2500,)"
                        R"("complete":true,"rows":[["2499","row \"0\""],["2500",null]]}})",
                        result));
}

TEST_F(ConversationTest, StoredRowsAreSortedAndFiltered) {
  Open();
  const auto result = Store("rows 120");
  Send(fmt::format(R"({{"type":"view","id":3,"result":{},"offset":0,"limit":3,)"
                   R"("sort":[{{"column":0,"descending":true}}],)"
                   R"("filter":[{{"column":1,"contains":"ROW \"3"}}]}})",
                   result));
  const auto window = Next();
  EXPECT_EQ(json::serialize(window.at("rows")),
            R"([["115","row \"3\""],["108","row \"3\""],["101","row \"3\""]])");
  EXPECT_EQ(window.at("total").to_number<int>(), 15);
}

TEST_F(ConversationTest, NullsComeLastInBothDirections) {
  Open();
  const auto result = Store("rows 20");
  for (const bool descending : {false, true}) {
    Send(fmt::format(R"({{"type":"view","id":3,"result":{},"offset":18,"limit":2,)"
                     R"("sort":[{{"column":1,"descending":{}}}]}})",
                     result, descending));
    EXPECT_EQ(json::serialize(Next().at("rows")), R"([["10",null],["20",null]])");
  }
}

TEST_F(ConversationTest, AStoredResultIsExported) {
  Open();
  const auto result = Store("rows 2");
  Send(fmt::format(R"({{"type":"export","id":4,"result":{},"format":"csv"}})", result));
  EXPECT_EQ(Next().at("text").as_string(), "n,t\r\n1,\"row \"\"1\"\"\"\r\n2,\"row \"\"2\"\"\"\r\n");
  EXPECT_EQ(NextType(), "done");
  Send(fmt::format(R"({{"type":"export","id":5,"result":{},"format":"json"}})", result));
  EXPECT_EQ(Next().at("text").as_string(),
            "[\n{\"n\":1,\"t\":\"row \\\"1\\\"\"},\n{\"n\":2,\"t\":\"row \\\"2\\\"\"}\n]\n");
}

TEST_F(ConversationTest, AResultThatWasDroppedIsNotFound) {
  Open();
  const auto result = Store("rows 2");
  Send(fmt::format(R"({{"type":"drop","result":{}}})", result));
  Send(fmt::format(R"({{"type":"view","id":3,"result":{},"offset":0,"limit":1}})", result));
  EXPECT_EQ(Next().at("code").as_string(), "not_found");
}

TEST_F(ConversationTest, OnlyTheLastFourResultsAreKept) {
  Open();
  const auto first = Store("rows 1");
  const auto last = Store("rows 1; rows 1; rows 1; rows 1");
  Send(fmt::format(R"({{"type":"view","id":3,"result":{},"offset":0,"limit":1}})", first));
  EXPECT_EQ(NextType(), "failed");
  Send(fmt::format(R"({{"type":"view","id":3,"result":{},"offset":0,"limit":1}})", last - 3));
  EXPECT_EQ(NextType(), "window");
}

TEST_F(ConversationTest, ALostConnectionIsToldApartFromAStoppedSandbox) {
  Open();
  refusal_ = Error{.code = Code::kConflict, .message = "stopped"};
  Send(R"({"type":"execute","id":2,"text":"lose"})");
  EXPECT_EQ(NextType(), "statement");
  const auto closed = Next();
  EXPECT_EQ(closed.at("type").as_string(), "closed");
  EXPECT_EQ(closed.at("reason").as_string(), "sandbox_stopped");
}

TEST_F(ConversationTest, ALostConnectionToADatabaseThatIsThereSaysSo) {
  Open();
  Send(R"({"type":"execute","id":2,"text":"lose"})");
  EXPECT_EQ(NextType(), "statement");
  EXPECT_EQ(Next().at("reason").as_string(), "database_gone");
}

TEST_F(ConversationTest, NothingIsDoneBeforeOpen) {
  Send(R"({"type":"execute","id":2,"text":"rows 1"})");
  EXPECT_EQ(Next().at("code").as_string(), "conflict");
  Open();
  Send(R"({"type":"open","id":3,"sandbox":"s1","engine":"postgres"})");
  EXPECT_EQ(Next().at("code").as_string(), "conflict");
}

TEST_F(ConversationTest, BrokenMessagesAreAnsweredAndHarmNobody) {
  Open();
  for (const char* text :
       {"", "[]", "{", R"({"type":"nothing","id":7})", R"({"type":"execute","id":7})",
        R"({"type":"execute","id":-1,"text":"x"})", R"({"type":"more","id":7,"rows":0})",
        R"({"type":"view","id":7,"result":1,"offset":0,"limit":1001})",
        R"({"type":"view","id":7,"result":1,"offset":0,"limit":1,"sort":[1]})",
        R"({"type":"complete","id":7,"text":"a","position":2})",
        R"({"type":"execute","id":7,"text":{"a":[[[[[[[[[[1]]]]]]]]]]}})"}) {
    Send(text);
    EXPECT_EQ(Next().at("code").as_string(), "invalid") << text;
  }
  Send(R"({"type":"describe","id":8})");
  EXPECT_EQ(NextType(), "catalog");
}

TEST_F(ConversationTest, TooManyRequestsThatWaitAreRefused) {
  Open();
  for (int i = 0; i < 34; ++i) {
    Send(R"({"type":"execute","id":2,"text":"wait"})");
  }
  EXPECT_EQ(NextType(), "statement");
  EXPECT_EQ(Next().at("code").as_string(), "exhausted");
}

TEST_F(ConversationTest, CompletesFromTheCatalog) {
  Open();
  Send(R"({"type":"complete","id":4,"text":"select p. from planets p","position":9})");
  EXPECT_EQ(NextText(), R"({"type":"completions","id":4,"from":9,"items":[)"
                        R"({"label":"name","kind":"column","detail":"planets · text"},)"
                        R"({"label":"\"Mass\"","kind":"column","detail":"planets · numeric"}]})");
}

TEST_F(ConversationTest, Explains) {
  Open();
  Send(R"({"type":"explain","id":4,"text":" rows 1;","analyze":true})");
  const auto plan = Next().at("plan").as_object();
  EXPECT_TRUE(plan.at("analyzed").as_bool());
  EXPECT_EQ(plan.at("root").as_object().at("operation").as_string(), "Scan");
  Send(R"({"type":"explain","id":5,"text":" fail"})");
  EXPECT_EQ(Next().at("position").to_number<int>(), 3);
  Send(R"({"type":"explain","id":6,"text":"rows 1; rows 2"})");
  EXPECT_EQ(NextType(), "failed");
}

TEST_F(ConversationTest, CloseEndsItWithoutAReason) {
  Open();
  Send(R"({"type":"close"})");
  EXPECT_EQ(NextText(), R"({"type":"end","code":"1000"})");
}

}  // namespace
}  // namespace paddock::sqlrunner
