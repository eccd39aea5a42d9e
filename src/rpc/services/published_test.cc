// What clients of Database Playground were built with: names and numbers that cannot change.
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include "common/v1/common.pb.h"
#include "dbrunner/v1/dbrunner.pb.h"
#include "questionmanager/v1/model.pb.h"
#include "questionmanager/v1/questionmanager.pb.h"

namespace paddock::rpc {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using ::testing::ElementsAre;

using Lines = std::vector<std::string>;

std::string TypeOf(const FieldDescriptor& field) {
  return field.message_type() != nullptr ? std::string(field.message_type()->full_name())
         : field.enum_type() != nullptr  ? std::string(field.enum_type()->full_name())
                                         : std::string(field.type_name());
}

std::string FormOf(const FieldDescriptor& field) {
  return field.is_repeated()                        ? "repeated "
         : field.real_containing_oneof() != nullptr ? "oneof "
         : field.has_optional_keyword()             ? "optional "
                                                    : "";
}

/// "dbrunner.v1.Cell.value = 1 optional string"
Lines FieldsOf(const FileDescriptor& file) {
  Lines lines;
  for (int i = 0; i < file.message_type_count(); ++i) {
    const auto& message = *file.message_type(i);
    for (int j = 0; j < message.field_count(); ++j) {
      const FieldDescriptor& field = *message.field(j);
      lines.push_back(fmt::format("{} = {} {}{}", std::string(field.full_name()), field.number(),
                                  FormOf(field), TypeOf(field)));
    }
  }
  return lines;
}

/// "dbrunner.v1.DbRunnerService.RunQuery(dbrunner.v1.RunQueryRequest) dbrunner.v1.RunQueryResponse"
Lines MethodsOf(const FileDescriptor& file) {
  Lines lines;
  for (int i = 0; i < file.service_count(); ++i) {
    for (int j = 0; j < file.service(i)->method_count(); ++j) {
      const auto& method = *file.service(i)->method(j);
      lines.push_back(fmt::format(
          "{}({}{}) {}{}", std::string(method.full_name()),
          method.client_streaming() ? "stream " : "", std::string(method.input_type()->name()),
          method.server_streaming() ? "stream " : "", std::string(method.output_type()->name())));
    }
  }
  return lines;
}

TEST(PublishedServices, TheRunnerHasItsMethods) {
  EXPECT_THAT(
      MethodsOf(*dbrunner::v1::RunQueryRequest::descriptor()->file()),
      ElementsAre("dbrunner.v1.DbRunnerService.RunQuery(RunQueryRequest) RunQueryResponse",
                  "dbrunner.v1.DbRunnerService.RetrieveQuery(RetrieveQueryRequest) stream "
                  "RetrieveQueryResponse",
                  "dbrunner.v1.DbRunnerService.AreQueriesOutputSame(AreQueriesOutputSameRequest) "
                  "AreQueriesOutputSameResponse"));
}

TEST(PublishedServices, TheRunnersMessagesHaveTheirNumbers) {
  EXPECT_THAT(FieldsOf(*dbrunner::v1::RunQueryRequest::descriptor()->file()),
              ElementsAre("dbrunner.v1.RunQueryRequest.schema = 1 string",
                          "dbrunner.v1.RunQueryRequest.query = 2 string",
                          "dbrunner.v1.RunQueryResponse.id = 1 oneof string",
                          "dbrunner.v1.RunQueryResponse.error = 2 oneof string",
                          "dbrunner.v1.RetrieveQueryRequest.id = 1 string",
                          "dbrunner.v1.RetrieveQueryResponse.header = 1 oneof "
                          "dbrunner.v1.HeaderRow",
                          "dbrunner.v1.RetrieveQueryResponse.row = 2 oneof dbrunner.v1.DataRow",
                          "dbrunner.v1.HeaderRow.header = 1 repeated string",
                          "dbrunner.v1.DataRow.cells = 1 repeated dbrunner.v1.Cell",
                          "dbrunner.v1.Cell.value = 1 optional string",
                          "dbrunner.v1.AreQueriesOutputSameRequest.left_id = 1 string",
                          "dbrunner.v1.AreQueriesOutputSameRequest.right_id = 2 string",
                          "dbrunner.v1.AreQueriesOutputSameResponse.same = 1 bool"));
}

TEST(PublishedServices, TheQuestionManagerHasItsMethods) {
  const std::string service = "questionmanager.v1.QuestionManagerService.";
  EXPECT_THAT(
      MethodsOf(*questionmanager::v1::GetSchemaRequest::descriptor()->file()),
      ElementsAre(service + "GetSchema(GetSchemaRequest) GetSchemaResponse",
                  service + "GetSchemaInitialSQL(GetSchemaInitialSQLRequest) "
                            "GetSchemaInitialSQLResponse",
                  service + "ListQuestions(ListQuestionsRequest) ListQuestionsResponse",
                  service + "GetQuestion(GetQuestionRequest) GetQuestionResponse",
                  service + "GetQuestionAnswer(GetQuestionAnswerRequest) GetQuestionAnswerResponse",
                  service + "GetQuestionSolution(GetQuestionSolutionRequest) "
                            "GetQuestionSolutionResponse"));
}

TEST(PublishedServices, TheQuestionManagersModelHasItsNumbers) {
  const std::string name = "questionmanager.v1.";
  const std::string time = "google.protobuf.Timestamp";
  EXPECT_THAT(FieldsOf(*questionmanager::v1::Schema::descriptor()->file()),
              ::testing::IsSupersetOf({name + "Schema.id = 1 string",
                                       name + "Schema.picture = 2 optional string",
                                       name + "Schema.description = 3 string",
                                       name + "Schema.created_at = 4 " + time,
                                       name + "Schema.updated_at = 5 " + time,
                                       name + "SchemaInitialSQL.id = 1 string",
                                       name + "SchemaInitialSQL.initial_sql = 2 string",
                                       name + "Question.id = 1 int64",
                                       name + "Question.schema_id = 2 string",
                                       name + "Question.type = 3 string",
                                       name + "Question.difficulty = 4 " + name + "Difficulty",
                                       name + "Question.title = 5 string",
                                       name + "Question.description = 6 string",
                                       name + "Question.created_at = 7 " + time,
                                       name + "Question.updated_at = 8 " + time,
                                       name + "QuestionAnswer.id = 1 int64",
                                       name + "QuestionAnswer.answer = 2 string",
                                       name + "QuestionAnswer.schema = 3 string",
                                       name + "QuestionSolution.id = 1 int64",
                                       name + "QuestionSolution.solution_video = 2 optional "
                                              "string"}));
  const auto& difficulty = *questionmanager::v1::Difficulty_descriptor();
  ASSERT_EQ(difficulty.value_count(), 4);
  for (int i = 0; i < difficulty.value_count(); ++i) {
    EXPECT_EQ(difficulty.value(i)->number(), i);
  }
}

TEST(PublishedServices, WhatTheyShareHasItsNumbers) {
  EXPECT_THAT(FieldsOf(*common::v1::Cursor::descriptor()->file()),
              ::testing::IsSupersetOf({std::string("common.v1.Cursor.limit = 1 optional int64"),
                                       std::string("common.v1.Cursor.offset = 2 optional int64")}));
}

}  // namespace
}  // namespace paddock::rpc
